import type { Timer, Timers } from '../runtime/timers.js';
import type { ClientInfo } from './client-info.js';

/** A connection whose reading can be held back. */
export interface Holdable {
  /** It may read again. */
  relieve(): void;
}

/**
 * Where a publication meets a subscriber that cannot be written to, its publisher is held back for a moment
 * rather than the message dropped: the engine notes the slow consumer here while it delivers, and the link
 * whose frame was being handled looks here afterwards.
 */
export class Backpressure {
  /** The slow consumer met by the frame being handled, if any. */
  met: SlowConsumer | undefined = undefined;
  /** Messages that clients have handed in, for their rate limits: a link compares before and after a frame. */
  publications = 0;
  /** Told of each client that has not caught up within the grace time. */
  onGraceOver: (client: ClientInfo) => void = () => {};

  constructor(
    readonly timers: Timers,
    /** Milliseconds that publishers wait for one slow consumer; 0 for not at all. */
    readonly grace: number,
  ) {}

  /** A frame is about to be handled: what was met before has nothing to do with its sender. */
  forget(): void {
    this.met = undefined;
  }

  /** The slow consumer met since the last call. */
  take(): SlowConsumer | undefined {
    const met = this.met;
    this.met = undefined;
    return met;
  }
}

/**
 * A client that reads more slowly than it is sent to. Publishers that meet it wait until it has caught up,
 * but no longer than the grace time in all; after that its messages queue and drop until it has caught up.
 */
export class SlowConsumer {
  readonly #pressure: Backpressure;
  readonly #session: { readonly client: ClientInfo };
  readonly #waiting = new Set<Holdable>();
  #timer: Timer | undefined;
  #givenUp = false;

  /** @param session whose client it is */
  constructor(pressure: Backpressure, session: { readonly client: ClientInfo }) {
    this.#pressure = pressure;
    this.#session = session;
  }

  /** Called at each message that cannot be written. */
  blame(): void {
    if (!this.#givenUp && this.#pressure.grace > 0) this.#pressure.met = this;
  }

  /** Holds a publisher's connection back until this consumer has caught up or its grace is over. */
  hold(publisher: Holdable): void {
    this.#waiting.add(publisher);
    this.#timer ??= this.#pressure.timers.after(this.#pressure.grace, () => this.#giveUp());
  }

  /** The consumer has caught up, or is gone. */
  clear(): void {
    if (this.#timer !== undefined) this.#pressure.timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#givenUp = false;
    this.#release();
  }

  #giveUp(): void {
    this.#timer = undefined;
    this.#givenUp = true;
    this.#release();
    this.#pressure.onGraceOver(this.#session.client);
  }

  #release(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const publisher of waiting) publisher.relieve();
  }
}
