import type { Backpressure, WaitingPublisher } from '../engine/backpressure.js';
import { type ClientNames, formatAddress } from '../engine/client-info.js';
import type { ConnectionInfo } from '../engine/types.js';
import type { Connection, ConnectionHandler } from '../listeners/connection.js';
import type { Clock } from '../runtime/clock.js';
import type { LineLimits } from '../runtime/line-limit.js';
import type { LogFields, Logger, LogLevel } from '../runtime/logger.js';
import { isPromise } from '../runtime/maybe-promise.js';
import type { Counter } from '../runtime/metrics.js';
import { Timer, type Timers } from '../runtime/timers.js';
import type { TokenBucket } from '../runtime/token-bucket.js';
import type { Store } from '../store/store.js';
import { AckGate } from './ack-gate.js';
import type { Channel, Codec, FrameFault, Gateway, Peer } from './contract.js';
import { foreignProtocolHint } from './foreign-protocol.js';
import type { FlushQueue } from './outbox.js';
import type { PendingBytes } from './pending-bytes.js';
import { RateLimit } from './rate-limit.js';

/** What all links of the hub share. */
export interface LinkServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Lines about what peers send that is no frame, by listener. */
  readonly faultLines: LineLimits;
  readonly store: Store;
  readonly backpressure: Backpressure;
  readonly flushQueue: FlushQueue;
  readonly pending: PendingBytes;
  readonly counters: LinkCounters;
  /** Whether frames are logged: the log level is `trace`. */
  readonly tracing: boolean;
}

export interface LinkCounters {
  readonly bytesReceived: Counter;
  readonly bytesSent: Counter;
  readonly frameErrors: Counter;
  /** Datagrams for which too many waited: behind one that is being handled, or for the rate of their peer. */
  readonly datagramsDropped: { readonly busy: Counter; readonly rate: Counter };
}

/** How much one peer may send; undefined for no bound. */
export interface LinkLimits {
  /** Messages that its client may publish. */
  readonly messages: TokenBucket | undefined;
  readonly bytes: TokenBucket | undefined;
}

/** Why a link is paused: it handles no further frames for now. Bits of a mask. */
const PAUSED_BY = {
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
} as const;

/** Milliseconds that frames which came before the end of their connection may take to be handled. */
const LATE_FRAMES = 10_000;

/** The one timer that a channel can set, see `Peer.setTimer`. */
class ChannelTimer extends Timer {
  readonly #due: { timerDue(): void };
  constructor(due: { timerDue(): void }) {
    super();
    this.#due = due;
  }

  override fire(): void {
    this.#due.timerDue();
  }
}

/**
 * One peer's connection, codec and channel joined together: bytes in, frames to the channel, frames from the
 * channel, bytes out. {@link StreamLink} and {@link DatagramLink} differ in how bytes and frames relate.
 */
export abstract class Link<In, Out> implements Peer<Out>, ConnectionHandler, WaitingPublisher {
  readonly info: ConnectionInfo;
  /** See `Peer.writable`; kept up by the kind of link. */
  writable = true;
  readonly channel: Channel<In>;
  protected readonly codec: Codec<In, Out>;
  protected readonly connection: Connection;
  protected readonly services: LinkServices;
  protected closing = false;
  protected gone = false;
  readonly #messageRate: RateLimit | undefined;
  readonly #byteRate: RateLimit | undefined;
  readonly #onGone: (link: Link<In, Out>) => void;
  #pausedBy = 0;
  #lastReceived: number;
  #timer: ChannelTimer | undefined;
  #ackGate: AckGate<Out> | undefined;
  #closeReason: string | undefined;
  #client: ClientNames | undefined;
  /** Whether a line has said already what became of the peer. */
  #told = false;
  /** Why the connection ended while frames that came before had to wait: they are handled first. */
  #endedBecause: string | undefined;

  /**
   * @param onGone called when the connection is gone
   */
  constructor(
    connection: Connection,
    gateway: Gateway<In, Out>,
    codec: Codec<In, Out>,
    services: LinkServices,
    limits: LinkLimits,
    onGone: (link: Link<In, Out>) => void,
  ) {
    this.codec = codec;
    this.connection = connection;
    this.info = connection.info;
    this.services = services;
    this.#messageRate = this.#rateLimit(limits.messages, PAUSED_BY.messageRate);
    this.#byteRate = this.#rateLimit(limits.bytes, PAUSED_BY.byteRate);
    this.#onGone = onGone;
    this.#lastReceived = services.clock.monotonic();
    this.channel = gateway.createChannel(this);
  }

  #rateLimit(bucket: TokenBucket | undefined, why: number): RateLimit | undefined {
    return bucket && new RateLimit(bucket, this.services.timers, () => this.#endPause(why));
  }

  /** A peer is not silent while its rate, or a subscriber, keeps the link from reading. */
  get lastReceived(): number {
    return (this.#pausedBy & ~PAUSED_BY.frame) !== 0 ? this.services.clock.monotonic() : this.#lastReceived;
  }

  protected abstract write(frame: Out): void;
  protected abstract receive(bytes: Buffer): void;
  /** Handles input that waited while the link was paused. */
  protected abstract handleWaiting(): void;
  /** The pause begins: keeps what is there and, where the far end can feel it, takes no more. */
  protected abstract stopReading(): void;
  /** The pause is over, and nothing waits any more. */
  protected abstract readAgain(): void;
  /** Whether the far end slows down when this link does not read. */
  protected abstract readonly flowControlled: boolean;
  /** What came and is no frame yet. */
  protected abstract readonly undecoded: Buffer | undefined;
  /** Writes out what is gathered, before the connection ends. */
  protected abstract flush(): void;

  /** Whether further frames wait for something. */
  protected get paused(): boolean {
    return this.#pausedBy !== 0;
  }

  /** Whether they wait because the peer exceeded a rate. */
  protected get pausedByRate(): boolean {
    return (this.#pausedBy & (PAUSED_BY.messageRate | PAUSED_BY.byteRate)) !== 0;
  }

  onData(bytes: Buffer): void {
    if (this.closing) return;
    this.#lastReceived = this.services.clock.monotonic();
    this.services.counters.bytesReceived.value += bytes.length;
    try {
      this.receive(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  onWritable(): void {
    if (!this.gone) this.guard(() => this.channel.onWritable());
  }

  onClose(reason: string): void {
    if (this.gone || this.#endedBecause !== undefined) return;
    this.#endedBecause = reason;
    if (this.paused && !this.closing) this.services.timers.after(LATE_FRAMES, () => this.#letGo());
    else this.#letGo();
  }

  /** The connection is gone and there is nothing more to do for it. */
  #letGo(): void {
    if (this.gone || this.#endedBecause === undefined) return;
    this.gone = true;
    this.closing = true;
    this.clearTimer();
    this.#messageRate?.cancel();
    this.#byteRate?.cancel();
    const shown = this.#closeReason ?? this.#endedBecause;
    this.#logClosed(shown);
    this.guard(() => this.channel.onClose(shown));
    this.#onGone(this);
  }

  identify(client: ClientNames): void {
    this.#client = client;
  }

  /** The engine has been asked to let the client in: it logs whether it does, and how the client's stay ends. */
  introduced(): void {
    this.#told = true;
  }

  send(frame: Out): void {
    if (this.closing) return;
    if (this.services.tracing) this.#trace('send', frame);
    this.write(frame);
  }

  sendAck(frame: Out): void {
    const committed = this.services.store.commit();
    if (committed !== undefined) {
      this.#ackGate ??= new AckGate(
        (due) => this.send(due),
        (error) => this.#fail(error),
      );
    }
    if (this.#ackGate === undefined) this.send(frame);
    else this.#ackGate.pass(frame, committed);
  }

  close(reason: string): void {
    if (this.closing) return;
    this.closing = true;
    this.#closeReason = reason;
    this.clearTimer();
    this.flush();
    this.connection.end();
    this.#letGo();
  }

  setTimer(delay: number): void {
    if (this.closing) return;
    this.#timer ??= new ChannelTimer(this);
    this.services.timers.arm(this.#timer, delay);
  }

  clearTimer(): void {
    if (this.#timer !== undefined) this.services.timers.cancel(this.#timer);
  }

  /** The channel's timer fired. */
  timerDue(): void {
    if (!this.closing) this.guard(() => this.channel.onTimer());
  }

  /** The gateway stops. */
  shutdown(): void {
    if (this.closing) return;
    this.guard(() => this.channel.onShutdown());
    this.close('server_shutdown');
  }

  /** Closes without ceremony. */
  destroy(): void {
    this.closing = true;
    this.connection.destroy();
    this.#letGo();
  }

  goOn(): void {
    setImmediate(() => this.#endPause(PAUSED_BY.slowConsumer));
  }

  /** Hands one frame to the channel, and sees to what came of it. */
  protected handle(frame: In): void {
    const { backpressure, tracing } = this.services;
    if (tracing) this.#trace('receive', frame);
    backpressure.frameBegins();
    const before = backpressure.publications;
    const pending = this.channel.onFrame(frame);
    if (isPromise(pending)) this.#pauseUntil(pending);
    if (backpressure.publications === before) return;
    this.#waitForSlowConsumer();
    this.#charge(this.#messageRate, backpressure.publications - before, PAUSED_BY.messageRate);
  }

  /** Where what has just been published met a subscriber that reads too slowly. */
  #waitForSlowConsumer(): void {
    const slow = this.services.backpressure.takeMet();
    if (slow === undefined || !this.flowControlled || this.closing) return;
    slow.keepWaiting(this);
    this.#pauseFor(PAUSED_BY.slowConsumer);
  }

  /** The peer has sent so many bytes, and they are not thrown away. */
  protected chargeBytes(count: number): void {
    this.#charge(this.#byteRate, count, PAUSED_BY.byteRate);
  }

  /** What was too much has been handled, or waits: either way nothing more is handled until it is paid for. */
  #charge(rate: RateLimit | undefined, count: number, why: number): void {
    if (rate !== undefined && !this.closing && rate.charge(count)) this.#pauseFor(why);
  }

  #pauseUntil(pending: Promise<void>): void {
    this.#pauseFor(PAUSED_BY.frame);
    pending.then(
      () => {
        this.#waitForSlowConsumer();
        this.#endPause(PAUSED_BY.frame);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #pauseFor(why: number): void {
    if (this.#pausedBy === 0) this.stopReading();
    this.#pausedBy |= why;
  }

  /**
   * Pauses for a peer that takes nothing: deliveries to it have stopped long before, what piles up
   * are answers to what it sends.
   */
  protected pauseUntilRead(): void {
    if (!this.closing) this.#pauseFor(PAUSED_BY.unread);
  }

  /** The peer has taken all. */
  protected peerHasRead(): void {
    this.#endPause(PAUSED_BY.unread);
  }

  #endPause(why: number): void {
    if ((this.#pausedBy & why) === 0) return;
    this.#pausedBy &= ~why;
    if (this.#pausedBy !== 0 || this.closing) return;
    this.#lastReceived = this.services.clock.monotonic();
    this.guard(() => this.handleWaiting());
    if (this.#pausedBy !== 0) return;
    if (this.#endedBecause !== undefined) this.#letGo();
    else if (!this.closing) this.readAgain();
  }

  /** Runs code of the channel or codec: a bug in it closes this connection alone. */
  protected guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * The peer sent something that is not a frame.
   * @param bytes where it begins
   */
  protected reject(error: FrameFault, bytes: Buffer): void {
    this.services.counters.frameErrors.value++;
    const { code, offset, message: reason } = error;
    this.#faultLine('warn', { code, offset, reason, hint: this.#hint(bytes) }, 'malformed input');
    this.#told = true;
    this.guard(() => this.channel.onFrameError(error));
  }

  #fail(error: unknown): void {
    this.services.log.error({ ...this.#identity(), err: error }, 'connection failed');
    this.#told = true;
    this.#closeReason ??= 'internal_error';
    this.closing = true;
    this.connection.destroy();
    this.#letGo();
  }

  #trace(direction: 'send' | 'receive', frame: In | Out): void {
    this.services.log.trace({ ...this.#identity(), frame: this.codec.describe(frame) }, direction);
  }

  /** Of a connection that no line has told about, this one does. Addresses of datagrams are only forgotten. */
  #logClosed(reason: string): void {
    const { log } = this.services;
    if (!this.#told && this.flowControlled) {
      this.#faultLine('info', { reason, hint: this.#hint(this.undecoded) }, 'connection closed');
    } else if (log.isLevelEnabled('debug')) log.debug({ ...this.#identity(), reason }, 'connection closed');
  }

  /** What a peer may be that has not introduced itself. */
  #hint(bytes: Buffer | undefined): string | undefined {
    if (this.#client !== undefined || bytes === undefined) return undefined;
    return foreignProtocolHint(bytes, this.info.gateway);
  }

  #faultLine(level: LogLevel, fields: LogFields, message: string): void {
    const lines = this.services.faultLines.of(this.info.listener);
    lines.write(level, { ...this.#identity(), ...fields }, message);
  }

  #identity(): LogFields {
    const { listener, peer } = this.info;
    return {
      clientid: this.#client?.clientId,
      username: this.#client?.username,
      listener,
      peer: formatAddress(peer),
    };
  }
}

/** Whether an error is hostile input (a codec's FrameError) rather than a bug. */
export function isFrameFault(error: unknown): error is FrameFault {
  return error instanceof Error && error.name === 'FrameError';
}
