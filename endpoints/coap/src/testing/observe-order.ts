import { type CoapMessage, findOption, OptionNumber } from '@portico/codec-coap';
import type { Clock } from '@portico/core';

/** What an observer makes of sequence numbers, RFC 7641 §3.4. */
export class ObserveOrder {
  readonly #clock: Clock;
  readonly #newest = new Map<string, { value: number; at: number; count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For messages of one token: 0 for the first, one more for each newer one; `stale` for one that is older. */
  place(message: CoapMessage): string | undefined {
    const value = findOption(message, OptionNumber.Observe)?.uint;
    if (value === undefined) return undefined;
    const token = message.token.toString('hex');
    const at = this.#clock.monotonic();
    const newest = this.#newest.get(token);
    if (newest?.value === value) return String(newest.count);
    if (newest !== undefined && !isNewer(newest, { value, at })) return 'stale';
    const count = (newest?.count ?? -1) + 1;
    this.#newest.set(token, { value, at, count });
    return String(count);
  }
}

interface Arrival {
  readonly value: number;
  readonly at: number;
}

function isNewer(before: Arrival, after: Arrival): boolean {
  const ahead = (after.value - before.value) & 0xffffff;
  return (ahead > 0 && ahead < 2 ** 23) || after.at > before.at + 128_000;
}
