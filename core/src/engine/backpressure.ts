import type { Clock } from '../runtime/clock.js';
import type { Timer, Timers } from '../runtime/timers.js';
import { TokenBucket } from '../runtime/token-bucket.js';
import type { ClientInfo } from './client-info.js';

/** Milliseconds of used-up grace that a consumer is given back a second. */
const REGAINED_PER_SECOND = 100;
/** The part of the grace that there has to be for publishers to wait at all. */
const LEAST_WAIT = 1 / 10;

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
    readonly clock: Clock,
    readonly timers: Timers,
    /** Milliseconds that publishers wait for one slow consumer; 0 for not at all. */
    public grace: number,
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
 * What it has used of the grace it regains slowly, not by catching up: who falls behind again and again would
 * else hold all publishers back for good.
 */
export class SlowConsumer {
  readonly #pressure: Backpressure;
  readonly #session: { readonly client: ClientInfo };
  readonly #waiting = new Set<WaitingPublisher>();
  /** Milliseconds that publishers may wait. */
  #grace: TokenBucket;
  /** Of which {@link Backpressure.grace} it is. */
  #wholeGrace: number;
  #timer: Timer | undefined;
  #waitedSince = 0;
  #givenUp = false;

  /** @param session whose client it is */
  constructor(pressure: Backpressure, session: { readonly client: ClientInfo }) {
    this.#pressure = pressure;
    this.#session = session;
    this.#wholeGrace = pressure.grace;
    this.#grace = graceOf(pressure);
  }

  /** Called at each message that cannot be written. */
  notWritable(): void {
    const { grace } = this.#pressure;
    if (grace !== this.#wholeGrace) this.#adjust(grace);
    if (this.#givenUp || grace === 0 || this.#grace.available < grace * LEAST_WAIT) return;
    this.#pressure.met = this;
  }

  /** A publisher waits until this consumer has caught up or its grace is over. */
  keepWaiting(publisher: WaitingPublisher): void {
    this.#waiting.add(publisher);
    if (this.#timer !== undefined) return;
    const { clock, timers } = this.#pressure;
    this.#waitedSince = clock.monotonic();
    this.#timer = timers.after(this.#grace.available, () => this.#giveUp());
  }

  /** The consumer has caught up, or is gone. */
  caughtUp(): void {
    this.#givenUp = false;
    this.#endWait();
  }

  /** Another grace is configured: it begins anew. Those who wait already wait for what was left of the one before. */
  #adjust(grace: number): void {
    this.#wholeGrace = grace;
    this.#grace = graceOf(this.#pressure);
  }

  #giveUp(): void {
    this.#givenUp = true;
    this.#endWait();
    this.#pressure.onGraceOver(this.#session.client);
  }

  #endWait(): void {
    if (this.#timer === undefined) return;
    const { clock, timers } = this.#pressure;
    timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#grace.spend(clock.monotonic() - this.#waitedSince);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const publisher of waiting) publisher.goOn();
  }
}

function graceOf({ clock, grace }: Backpressure): TokenBucket {
  return new TokenBucket(clock, { burst: grace, perSecond: REGAINED_PER_SECOND });
}
