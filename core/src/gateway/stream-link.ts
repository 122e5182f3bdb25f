import type { Connection } from '../listeners/connection.js';
import type { Gateway, StreamCodec } from './contract.js';
import { isFrameFault, Link } from './link.js';
import type { LinkServices } from './link-services.js';
import { type FlushListener, Outbox } from './outbox.js';
import type { LinkLimits } from './pauses.js';
import { showReceived } from './wire-view.js';

/** Bytes shown of those that come where a frame should begin. */
const MOST_SHOWN = 64;

const NO_FRAME = { code: 'no_frame', offset: 0, message: 'no frame begins there' };

/** A link over a byte stream: TCP, TLS, WebSocket. */
export class StreamLink<In, Out> extends Link<In, Out> implements FlushListener {
  declare readonly codec: StreamCodec<In, Out>;
  protected readonly flowControlled = true;
  readonly #outbox: Outbox;
  /** Bytes of this connection that count in `services.pending`. */
  #pending = 0;

  constructor(
    connection: Connection,
    gateway: Gateway<In, Out>,
    codec: StreamCodec<In, Out>,
    services: LinkServices,
    limits: LinkLimits,
    onGone: (link: Link<In, Out>) => void,
  ) {
    super(connection, gateway, codec, services, limits, onGone);
    const { flushQueue, counters } = services;
    this.#outbox = new Outbox(connection, flushQueue, counters.bytesSent, this);
  }

  get takesText(): boolean {
    return this.codec.isText === true;
  }

  override onWritable(): void {
    this.#account(0);
    this.writable = this.open;
    this.pauses.peerHasRead();
    super.onWritable();
  }

  override onClose(reason: string): void {
    super.onClose(reason);
    this.#account(0);
  }

  protected write(frame: Out): void {
    this.codec.encode(frame, this.#outbox);
  }

  protected receive(bytes: Buffer): void {
    this.pauses.chargeBytes(bytes.length);
    this.codec.push(bytes);
    if (this.pauses.any) this.codec.keep();
    else this.handleWaiting();
    if (this.reads === 1 && this.framesReceived === 0) this.#noteForeign(bytes);
  }

  /** What came first may have been passed over: the peer may have come to the wrong port. */
  #noteForeign(bytes: Buffer): void {
    if ((this.codec.skipped ?? 0) > 0) this.malformed(NO_FRAME, bytes);
  }

  protected handleWaiting(): void {
    try {
      while (!this.pauses.any && !this.ended) {
        const frame = this.services.wire.watched ? this.#nextShown() : this.codec.next();
        if (frame === undefined) return;
        this.handle(frame);
      }
    } catch (error) {
      if (!isFrameFault(error)) throw error;
      this.reject(error, this.undecoded);
      this.end('malformed_input');
    }
  }

  /** The next frame, shown to operators who watch; so are bytes between frames. */
  #nextShown(): In | undefined {
    if (!this.services.wire.wants(this)) return this.codec.next();
    const { undecoded } = this.codec;
    const first = Buffer.from(undecoded.subarray(0, MOST_SHOWN));
    const frame = this.codec.next();
    const size = undecoded.length - this.codec.undecoded.length;
    if (size > 0) {
      // Without a frame, the codec may have moved the bytes that it keeps over the others.
      const bytes = frame === undefined ? first.subarray(0, size) : undecoded.subarray(0, size);
      showReceived(this.services.wire, this, bytes, frame);
    }
    return frame;
  }

  protected get undecoded(): Buffer {
    return this.codec.undecoded;
  }

  stopReading(): void {
    this.codec.keep();
    this.connection.pause();
  }

  protected readAgain(): void {
    this.connection.resume();
  }

  protected flush(): void {
    this.#outbox.flush();
  }

  onFlushed(bytes: number): void {
    this.countWritten(bytes);
    const pending = this.gone ? 0 : this.connection.pendingBytes;
    if (pending !== this.#pending) this.#account(pending);
    const { share } = this.services.pending;
    this.writable = pending < share && this.open;
    // Deliveries to the peer have stopped long before: what piles up are answers to what it sends.
    if (pending >= 2 * share && !this.ended) this.pauses.untilRead();
  }

  #account(pending: number): void {
    this.services.pending.add(pending - this.#pending);
    this.#pending = pending;
  }
}
