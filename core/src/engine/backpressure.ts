import type { Timer, Timers } from '../runtime/timers.js';
import type { ClientInfo } from './client-info.js';

/** A connection that is not read from because of what its client publishes. */
export interface WaitingPublisher {
  /** Nobody has to be waited for any more. */
  goOn(): void;
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
  frameBegins(): void {
    this.met = undefined;
  }

  /** The slow consumer met since the last call. */
  takeMet(): SlowConsumer | undefined {
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
  readonly #waiting = new Set<WaitingPublisher>();
  #timer: Timer | undefined;
  #givenUp = false;

  /** @param session whose client it is */
  constructor(pressure: Backpressure, session: { readonly client: ClientInfo }) {
    this.#pressure = pressure;
    this.#session = session;
  }

  /** Called at each message that cannot be written. */
  notWritable(): void {
    if (!this.#givenUp && this.#pressure.grace > 0) this.#pressure.met = this;
  }

  /** A publisher waits until this consumer has caught up or its grace is over. */
  keepWaiting(publisher: WaitingPublisher): void {
    this.#waiting.add(publisher);
    this.#timer ??= this.#pressure.timers.after(this.#pressure.grace, () => this.#giveUp());
  }

  /** The consumer has caught up, or is gone. */
  caughtUp(): void {
    if (this.#timer !== undefined) this.#pressure.timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#givenUp = false;
    this.#letPublishersGoOn();
  }

  #giveUp(): void {
    this.#timer = undefined;
    this.#givenUp = true;
    this.#letPublishersGoOn();
    this.#pressure.onGraceOver(this.#session.client);
  }

  #letPublishersGoOn(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const publisher of waiting) publisher.goOn();
  }
}
