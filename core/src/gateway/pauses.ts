import type { SlowConsumer, WaitingPublisher } from '../engine/backpressure.js';
import type { Timers } from '../runtime/timers.js';
import type { TokenBucket } from '../runtime/token-bucket.js';
import { RateLimit } from './rate-limit.js';

/** How much one peer may send; undefined for no bound. */
export interface LinkLimits {
  /** Messages that its client may publish. */
  readonly messages: TokenBucket | undefined;
  readonly bytes: TokenBucket | undefined;
}

/** Why a link is paused. Bits of a mask: there may be several reasons at a time. */
const BY = {
  /** A frame is being handled asynchronously. */
  frame: 1,
  /** A subscriber cannot keep up. */
  slowConsumer: 2,
  /** The client exceeded its rate of messages. */
  messageRate: 4,
  /** The peer exceeded its rate of bytes. */
  byteRate: 8,
  /** The peer takes nothing of what it is sent. */
  unread: 16,
  /** It ends when the acknowledgements that wait have left. */
  ending: 32,
} as const;

/** A link, as its pauses see it. */
export interface Pausable {
  /** A pause begins: keeps what is there and, where the far end can feel it, takes no more. */
  stopReading(): void;
  /** The last reason to pause is gone. */
  goOnReading(): void;
}

/** Why one link handles no further frames for now: what it waits for, and the rates of its peer. */
export class Pauses implements WaitingPublisher {
  readonly #link: Pausable;
  readonly #messageRate: RateLimit | undefined;
  readonly #byteRate: RateLimit | undefined;
  #reasons = 0;

  constructor(link: Pausable, limits: LinkLimits, timers: Timers) {
    this.#link = link;
    this.#messageRate = this.#rateLimit(limits.messages, timers, BY.messageRate);
    this.#byteRate = this.#rateLimit(limits.bytes, timers, BY.byteRate);
  }

  #rateLimit(bucket: TokenBucket | undefined, timers: Timers, why: number): RateLimit | undefined {
    return bucket && new RateLimit(bucket, timers, () => this.#end(why));
  }

  /** Whether the link is paused. */
  get any(): boolean {
    return this.#reasons !== 0;
  }

  /** Whether it is because the peer exceeded a rate. */
  get byRate(): boolean {
    return (this.#reasons & (BY.messageRate | BY.byteRate)) !== 0;
  }

  /** Whether the peer's silence is not its own doing: something other than a frame of its own is waited for. */
  get excuseSilence(): boolean {
    return (this.#reasons & ~BY.frame) !== 0;
  }

  /** A frame is handled asynchronously, until {@link frameHandled}. */
  frameWaits(): void {
    this.#begin(BY.frame);
  }

  frameHandled(): void {
    this.#end(BY.frame);
  }

  /** What has been published met a subscriber that reads too slowly. */
  waitFor(slow: SlowConsumer): void {
    slow.keepWaiting(this);
    this.#begin(BY.slowConsumer);
  }

  goOn(): void {
    setImmediate(() => this.#end(BY.slowConsumer));
  }

  /**
   * The client has published so many messages. What was too much has been handled, as with bytes, or waits; either
   * way nothing more is handled until it is paid for.
   */
  chargeMessages(count: number): void {
    if (this.#messageRate?.charge(count)) this.#begin(BY.messageRate);
  }

  /** The peer has sent so many bytes, and they are not thrown away. */
  chargeBytes(count: number): void {
    if (this.#byteRate?.charge(count)) this.#begin(BY.byteRate);
  }

  /** The peer takes nothing, until {@link peerHasRead}. */
  untilRead(): void {
    this.#begin(BY.unread);
  }

  peerHasRead(): void {
    this.#end(BY.unread);
  }

  /** Nothing more is handled: the link ends as soon as it can. */
  untilEnded(): void {
    this.#begin(BY.ending);
  }

  /** Nobody waits any more: the link is gone. */
  cancelRates(): void {
    this.#messageRate?.cancel();
    this.#byteRate?.cancel();
  }

  #begin(why: number): void {
    if (this.#reasons === 0) this.#link.stopReading();
    this.#reasons |= why;
  }

  #end(why: number): void {
    if ((this.#reasons & why) === 0) return;
    this.#reasons &= ~why;
    if (this.#reasons === 0) this.#link.goOnReading();
  }
}
