import type { Clock } from '@portico/core';

/** Bytes of non-confirmable notifications that a peer may get before it has to show that it is there. */
const BURST = 4096;

/**
 * How much has been sent to a peer, without being asked, since it was heard from last: a peer that does not respond
 * gets no more than PROBING_RATE on average (RFC 7252 §4.7).
 */
export class Probing {
  readonly #clock: Clock;
  readonly #rate: number;
  /** On the monotonic clock. */
  #heardAt: number;
  #sent = 0;

  /** @param rate PROBING_RATE, bytes a second */
  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
    this.#heardAt = clock.monotonic();
  }

  /** The peer is there. */
  heard(): void {
    this.#heardAt = this.#clock.monotonic();
    this.#sent = 0;
  }

  /** Whether so many bytes more are too many, so that the peer is to be asked for a sign of life; else counts them. */
  exceeds(bytes: number): boolean {
    const seconds = (this.#clock.monotonic() - this.#heardAt) / 1000;
    if (this.#sent + bytes > BURST + this.#rate * seconds) return true;
    this.#sent += bytes;
    return false;
  }
}
