import type { Connection } from '../listeners/connection.js';
import type { Gateway, StreamCodec } from './contract.js';
import { isFrameFault, Link, type LinkLimits, type LinkServices } from './link.js';
import { type FlushListener, Outbox } from './outbox.js';

/** Bytes waiting in the operating system's stead above which nothing more is written for a peer. */
export const SEND_HIGH_WATER = 1024 * 1024;

/** A link over a byte stream: TCP, TLS, WebSocket. */
export class StreamLink<In, Out> extends Link<In, Out> implements FlushListener {
  declare protected readonly codec: StreamCodec<In, Out>;
  protected readonly flowControlled = true;
  readonly #outbox: Outbox;

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

  override onWritable(): void {
    this.writable = true;
    super.onWritable();
  }

  protected write(frame: Out): void {
    this.codec.encode(frame, this.#outbox);
  }

  protected receive(bytes: Buffer): void {
    this.codec.push(bytes);
    if (this.held) this.codec.keep();
    else this.proceed();
  }

  protected proceed(): void {
    try {
      while (!this.held && !this.closing) {
        const frame = this.codec.next();
        if (frame === undefined) return;
        this.handle(frame);
      }
    } catch (error) {
      if (!isFrameFault(error)) throw error;
      this.reject(error);
      this.close('malformed_input');
    }
  }

  protected suspend(): void {
    this.codec.keep();
    this.connection.pause();
  }

  protected resume(): void {
    this.connection.resume();
  }

  protected flush(): void {
    this.#outbox.flush();
  }

  onFlushed(): void {
    this.writable = this.connection.pendingBytes < SEND_HIGH_WATER;
  }
}
