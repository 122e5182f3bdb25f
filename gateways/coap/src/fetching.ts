import type { Reader } from '@portico/coap-endpoint';
import { type Message, Timer, type Timers } from '@portico/core';
import type { CoapMetrics } from './counters.js';
import type { Settling } from './delivery.js';

/** A message for an observer, with who wants to know what becomes of it. */
export interface Outgoing {
  readonly message: Message;
  readonly delivery: Settling | undefined;
}

/** What all fetchings of the gateway share. */
export interface FetchSettings {
  readonly timers: Timers;
  readonly metrics: CoapMetrics;
  /** Milliseconds that an observer has to ask for the next block. */
  readonly patience: number;
  /** Messages that wait for one observer. */
  readonly maxWaiting: number;
}

/**
 * A message that is longer than a block, on its way to one observer: a notification has brought or brings the first
 * block, the others are asked for (RFC 7959 §3.4). It counts as delivered when the last one has been. Until then, or
 * until the observer has not asked for too long, later messages wait, lest they make it begin again.
 */
export class Fetching implements Reader, Settling {
  readonly message: Message;
  readonly #delivery: Settling | undefined;
  readonly #settings: FetchSettings;
  readonly #onDone: () => void;
  readonly #timer = new Timer(() => this.#conclude('unfetched'));
  readonly #behind: Outgoing[] = [];
  /** How far it is: the first block on its way, the others awaited, nothing any more. */
  #state: 'announcing' | 'fetching' | 'done' = 'announcing';
  #complete = false;
  #lost = false;

  /** @param onDone called once, when what waits may go on */
  constructor({ message, delivery }: Outgoing, settings: FetchSettings, onDone: () => void) {
    this.message = message;
    this.#delivery = delivery;
    this.#settings = settings;
    this.#onDone = onDone;
  }

  get over(): boolean {
    return this.#state === 'done';
  }

  /** The first block has come to its end. @param taken whether the observer has it */
  settle(taken: boolean): void {
    if (this.#state !== 'announcing') return;
    this.#state = 'fetching';
    if (!taken) this.#finish(false);
    else if (this.#complete || this.#lost) this.#conclude('unfetched');
    else this.#await();
  }

  fetched(last: boolean): void {
    this.#complete ||= last;
    if (this.#state !== 'fetching') return;
    // The last block itself goes first, and then whatever waits.
    if (last) this.#settings.timers.arm(this.#timer, 0);
    else this.#await();
  }

  lost(): void {
    this.#lost = true;
    if (this.#state === 'fetching') this.#conclude('unfetched');
  }

  /** A later message waits; the one that has waited longest is dropped when there are too many. */
  hold(outgoing: Outgoing): void {
    this.#behind.push(outgoing);
    if (this.#behind.length <= this.#settings.maxWaiting) return;
    const oldest = this.#behind.shift();
    if (oldest !== undefined) this.#drop(oldest, 'queue_full');
  }

  /** The next one that waits. */
  next(): Outgoing | undefined {
    return this.#behind.shift();
  }

  /** The observation has ended. */
  cancel(): void {
    for (const outgoing of this.#behind.splice(0)) this.#drop(outgoing, 'cancelled');
    if (this.#state === 'fetching') this.#conclude('cancelled');
  }

  #await(): void {
    this.#settings.timers.arm(this.#timer, this.#settings.patience);
  }

  /** No more of it will be sent: the observer has it all, or else it is dropped. */
  #conclude(reason: 'unfetched' | 'cancelled'): void {
    if (!this.#complete) this.#settings.metrics.counters[`notify.dropped.${reason}`].value++;
    this.#finish(this.#complete);
  }

  #finish(taken: boolean): void {
    this.#state = 'done';
    this.#settings.timers.cancel(this.#timer);
    this.#delivery?.settle(taken);
    this.#onDone();
  }

  #drop({ delivery }: Outgoing, reason: 'queue_full' | 'cancelled'): void {
    this.#settings.metrics.counters[`notify.dropped.${reason}`].value++;
    delivery?.settle(false);
  }
}
