import type { Clock } from '@portico/core';
import type { Tally } from './tally.js';

/** Messages of one device that may be unanswered at once; of more the oldest is given up. */
const MAX_AWAITED = 64;
/** Milliseconds after which an answer is not waited for any longer, and after which a platform that gives none is silent. */
const PATIENCE = 30_000;

interface Sent<Key> {
  readonly key: Key;
  readonly at: number;
}

/** Messages of one device that the platform has to answer, in the order in which they were sent. */
export class Awaited<Key> {
  readonly #clock: Clock;
  readonly #tally: Tally;
  readonly #sent: Sent<Key>[] = [];
  /** When the platform gave its last answer, or the first message behind it was sent. */
  #silentSince = 0;

  constructor(clock: Clock, tally: Tally) {
    this.#clock = clock;
    this.#tally = tally;
  }

  /** Whether the platform has given no answer at all for long, though messages wait for one. */
  get isPlatformSilent(): boolean {
    return this.#sent.length > 0 && this.#clock.monotonic() - this.#silentSince > PATIENCE;
  }

  /** A message has left. @param key by which its answer is known; of several with the same the oldest is answered first */
  sent(key: Key): void {
    const now = this.#clock.monotonic();
    this.#tally.count('sent');
    if (this.#sent.length === 0) this.#silentSince = now;
    while (this.#isFull(now)) this.#giveUpOldest();
    this.#sent.push({ key, at: now });
  }

  /** An answer has come. @returns false when nothing with that key waits for one */
  answered(key: Key): boolean {
    const index = this.#sent.findIndex((sent) => sent.key === key);
    const [found] = index < 0 ? [] : this.#sent.splice(index, 1);
    if (found === undefined) return false;
    const now = this.#clock.monotonic();
    this.#silentSince = now;
    this.#tally.answered(now - found.at);
    return true;
  }

  /** The connection is gone: no answer will come. */
  giveUp(): void {
    while (this.#sent.length > 0) this.#giveUpOldest();
  }

  #isFull(now: number): boolean {
    const [oldest] = this.#sent;
    return oldest !== undefined && (this.#sent.length >= MAX_AWAITED || now - oldest.at > PATIENCE);
  }

  #giveUpOldest(): void {
    this.#sent.shift();
    this.#tally.count('unanswered');
  }
}
