import type { ConnectionInfo } from '../engine/client-info.js';
import { type ClientNames, formatAddress } from '../engine/client-info.js';
import type { Traffic } from '../engine/traffic.js';
import type { Connection, ConnectionHandler } from '../listeners/connection.js';
import type { LogFields, LogLevel } from '../runtime/logger.js';
import { isPromise } from '../runtime/maybe-promise.js';
import { Timer } from '../runtime/timers.js';
import { AckGate, type AckTarget } from './ack-gate.js';
import type { Channel, Codec, Fault, FrameFault, Gateway, Peer } from './contract.js';
import { foreignProtocolHint } from './foreign-protocol.js';
import type { LinkServices } from './link-services.js';
import { LATE_FRAMES, type LinkState } from './link-state.js';
import { type LinkLimits, type Pausable, Pauses } from './pauses.js';
import { showEnd, showReceived, showSent, type WireSource } from './wire-view.js';

/** In place of a count: whatever is acknowledged outside the handling of a frame may have been written. */
const NOT_HANDLING = -1;

/** The peer has ended the connection: the reason that connections have for it, too. */
const BY_PEER = 'closed';

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
 * channel, bytes out. {@link StreamLink} and {@link DatagramLink} differ in how bytes and frames relate; how a link
 * ends is told at {@link LinkState}, why it pauses at {@link Pauses}.
 */
export abstract class Link<In, Out>
  implements Peer<Out>, ConnectionHandler, Pausable, AckTarget<Out>, Traffic, WireSource<In, Out>
{
  readonly info: ConnectionInfo;
  /** See `Peer.writable`; kept up by the kind of link. */
  writable = true;
  readonly channel: Channel<In>;
  // Fields of the link itself: an object of its own would cost each connection three more words.
  bytesReceived = 0;
  reads = 0;
  framesReceived = 0;
  bytesSent = 0;
  writes = 0;
  framesSent = 0;
  readonly codec: Codec<In, Out>;
  protected readonly connection: Connection;
  protected readonly services: LinkServices;
  protected readonly pauses: Pauses;
  readonly #onGone: (link: Link<In, Out>) => void;
  #state: LinkState = 'open';
  /** Why it ends, as operators see it; empty while it does not. */
  #reason = '';
  #lastReceived: number;
  #timer: ChannelTimer | undefined;
  #ackGate: AckGate<Out> | undefined;
  /** `Store.written` when the frame that is being handled came: if it is the same still, nothing has to be waited for. */
  #writtenBefore = NOT_HANDLING;
  #client: ClientNames | undefined;
  /** Whether a line has said already what became of the peer. */
  #told = false;

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
    this.pauses = new Pauses(this, limits, services.timers);
    this.#onGone = onGone;
    this.#lastReceived = services.clock.monotonic();
    this.channel = gateway.createChannel(this);
  }

  /** A peer is not silent while its rate, or a subscriber, keeps the link from reading. */
  get lastReceived(): number {
    return this.pauses.excuseSilence ? this.services.clock.monotonic() : this.#lastReceived;
  }

  get traffic(): Traffic {
    return this;
  }

  protected abstract write(frame: Out): void;
  protected abstract receive(bytes: Buffer): void;
  /** Handles input that waited while the link was paused. */
  protected abstract handleWaiting(): void;
  abstract stopReading(): void;
  /** The pause is over, and nothing waits any more. */
  protected abstract readAgain(): void;
  /** Whether the far end slows down when this link does not read. */
  protected abstract readonly flowControlled: boolean;
  /** What came and is no frame yet. */
  protected abstract readonly undecoded: Buffer | undefined;
  /** Writes out what is gathered, before the connection ends. */
  protected abstract flush(): void;

  /** Nothing more is handled or sent. */
  protected get ended(): boolean {
    return this.#state === 'closing' || this.#state === 'gone';
  }

  /** The connection is there, and this side has not ended it. */
  get #isUp(): boolean {
    return this.#state === 'open' || this.#state === 'answering';
  }

  /** Why it ends, or has ended, as operators see it; empty while it does not. */
  get endReason(): string {
    return this.#reason;
  }

  /** Messages to the peer can reach it. */
  protected get open(): boolean {
    return this.#state === 'open';
  }

  /** The channel knows that it is over. */
  protected get gone(): boolean {
    return this.#state === 'gone';
  }

  onData(bytes: Buffer): void {
    if (this.ended) return;
    this.#lastReceived = this.services.clock.monotonic();
    this.bytesReceived += bytes.length;
    this.reads++;
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

  mayBeSilent(): boolean {
    let may: boolean | undefined;
    this.guard(() => {
      may = this.channel.mayBeSilent?.();
    });
    return may === true && !this.ended;
  }

  onEnd(): void {
    if (this.#state !== 'open') return;
    this.#state = 'answering';
    this.writable = false;
    // Answers may be on their way that are made, or durable, within this turn of the event loop.
    setImmediate(() => {
      this.#endAnswered();
      if (this.#state === 'answering') this.services.timers.after(LATE_FRAMES, () => this.#endUnanswered());
    });
  }

  /** Ends the connection of a peer that sends nothing more, unless something that it has sent is not answered yet. */
  #endAnswered(): void {
    if (this.#state !== 'answering' || this.pauses.any) return;
    if (this.held === 0) {
      this.end(BY_PEER);
      return;
    }
    const again = () => setImmediate(() => this.#endAnswered());
    const committed = this.services.store.commit() ?? Promise.resolve();
    committed.then(again, again);
  }

  #endUnanswered(): void {
    if (this.#state === 'answering') this.end(BY_PEER);
  }

  onClose(reason: string): void {
    if (this.#state === 'late') return;
    const unhandled = this.#isUp && this.pauses.any;
    if (this.#isUp) this.#reason = reason;
    if (unhandled) {
      this.#state = 'late';
      this.services.timers.after(LATE_FRAMES, () => this.#leave());
    } else this.#leave();
  }

  /** The connection is gone and there is nothing more to do for it. */
  #leave(): void {
    if (this.#state === 'gone') return;
    const endedByPeer = this.#state !== 'closing' || this.#reason === BY_PEER;
    this.#state = 'gone';
    this.clearTimer();
    this.pauses.cancelRates();
    this.#logClosed();
    const { wire } = this.services;
    if (wire.watched) showEnd(wire, this, this.#reason, endedByPeer ? this.undecoded : undefined);
    this.guard(() => this.channel.onClose(this.#reason));
    this.#onGone(this);
  }

  get clientId(): string | undefined {
    return this.#client?.clientId;
  }

  identify(client: ClientNames): void {
    this.#client = client;
  }

  /** The engine has been asked to let the client in: it logs whether it does, and how the client's stay ends. */
  introduced(): void {
    this.#told = true;
  }

  send(frame: Out): void {
    if (this.ended) return;
    if (this.services.log.tracing) this.#trace('send', frame);
    this.framesSent++;
    if (this.services.wire.watched) showSent(this.services.wire, this, frame);
    this.write(frame);
  }

  /** Bytes have been given to the connection at a time. */
  protected countWritten(bytes: number): void {
    this.bytesSent += bytes;
    this.writes++;
  }

  /** What an acknowledgement rests on is durable. */
  sendDurable(due: Out): void {
    this.guard(() => this.send(due));
  }

  sendAck(frame: Out): void {
    const committed = this.#committing();
    if (committed !== undefined) this.#ackGate ??= new AckGate(this);
    if (this.#ackGate === undefined) this.send(frame);
    else this.#ackGate.pass(frame, committed);
  }

  sendBehindAcks(frame: Out): void {
    if (this.#ackGate === undefined) this.send(frame);
    else this.#ackGate.pass(frame, undefined);
  }

  get held(): number {
    return this.#ackGate?.size ?? 0;
  }

  whenDurable(run: (durable: boolean) => void): boolean {
    const committed = this.#committing();
    if (committed === undefined) return false;
    const settle = (durable: boolean) => {
      if (!this.ended) this.guard(() => run(durable));
    };
    committed.then(
      () => settle(true),
      () => settle(false),
    );
    return true;
  }

  /** Settles when what the frame at hand may have written is durable; undefined when it is. */
  #committing(): Promise<void> | undefined {
    const { store } = this.services;
    return store.written === this.#writtenBefore ? undefined : store.commit();
  }

  /** What was to be acknowledged could not be made durable. */
  failDurable(): void {
    if (this.ended) return;
    this.guard(() => this.channel.onStorageFailure?.());
    this.end('storage_failed');
  }

  end(reason: string): void {
    if (this.ended) return;
    this.#reason = reason;
    if (this.#state === 'late') {
      this.#leave();
      return;
    }
    this.#state = 'closing';
    this.clearTimer();
    this.flush();
    this.connection.end();
  }

  endBehindAcks(reason: string): void {
    const gate = this.#ackGate;
    if (gate === undefined || gate.size === 0) {
      this.end(reason);
      return;
    }
    if (this.ended) return;
    this.clearTimer();
    this.pauses.untilEnded();
    gate.whenEmpty(() => this.guard(() => this.end(reason)));
  }

  setTimer(delay: number): void {
    if (this.ended) return;
    this.#timer ??= new ChannelTimer(this);
    this.services.timers.arm(this.#timer, delay);
  }

  clearTimer(): void {
    if (this.#timer !== undefined) this.services.timers.cancel(this.#timer);
  }

  /** The channel's timer fired. */
  timerDue(): void {
    if (!this.ended) this.guard(() => this.channel.onTimer());
  }

  /** The gateway stops. */
  shutdown(): void {
    if (this.ended) return;
    this.guard(() => this.channel.onShutdown());
    this.end('server_shutdown');
  }

  /** The gateway has stopped and waits no longer. */
  destroy(): void {
    this.#destroy('server_shutdown');
  }

  #destroy(reason: string): void {
    if (!this.ended) this.#reason = reason;
    if (this.#isUp) this.#state = 'closing';
    this.connection.destroy();
    if (this.#state === 'late') this.#leave();
  }

  /** Hands one frame to the channel, and sees to what came of it. */
  protected handle(frame: In): void {
    const { backpressure, store, log } = this.services;
    this.framesReceived++;
    if (log.tracing) this.#trace('receive', frame);
    backpressure.frameBegins();
    const before = backpressure.publications;
    this.#writtenBefore = store.written;
    const pending = this.channel.onFrame(frame);
    this.#writtenBefore = NOT_HANDLING;
    if (isPromise(pending)) this.#pauseUntil(pending);
    const published = backpressure.publications - before;
    if (published === 0) return;
    this.#waitForSlowConsumer();
    if (!this.ended) this.pauses.chargeMessages(published);
  }

  /** Where what has just been published met a subscriber that reads too slowly. */
  #waitForSlowConsumer(): void {
    const slow = this.services.backpressure.takeMet();
    if (slow !== undefined && this.flowControlled && !this.ended) this.pauses.waitFor(slow);
  }

  #pauseUntil(pending: Promise<void>): void {
    this.pauses.frameWaits();
    pending.then(
      () => {
        this.#waitForSlowConsumer();
        this.pauses.frameHandled();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  goOnReading(): void {
    if (this.ended) return;
    this.#lastReceived = this.services.clock.monotonic();
    this.guard(() => this.handleWaiting());
    if (this.pauses.any) return;
    if (this.#state === 'late') this.#leave();
    else if (this.#state === 'answering') this.#endAnswered();
    else if (this.#state === 'open') this.readAgain();
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
    if (this.services.wire.watched) showReceived(this.services.wire, this, bytes, undefined, error);
    this.malformed(error, bytes);
    this.guard(() => this.channel.onFrameError(error));
  }

  malformed({ code, offset, message: reason }: Fault, bytes: Buffer): void {
    this.services.counters.frameErrors.value++;
    this.#faultLine('warn', { code, offset, reason, hint: this.#hint(bytes) }, 'malformed input');
    this.#told = true;
  }

  #fail(error: unknown): void {
    this.services.log.error({ ...this.#identity(), err: error }, 'connection failed');
    this.#told = true;
    this.#destroy('internal_error');
  }

  #trace(direction: 'send' | 'receive', frame: In | Out): void {
    this.services.log.trace({ ...this.#identity(), frame: this.codec.describe(frame) }, direction);
  }

  /** Of a connection that no line has told about, this one does. Addresses of datagrams are only forgotten. */
  #logClosed(): void {
    const { log } = this.services;
    const reason = this.#reason;
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
