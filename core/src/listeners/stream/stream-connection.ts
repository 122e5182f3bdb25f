import type { Socket } from 'node:net';
import type { ConnectionInfo } from '../../engine/types.js';
import type { Connection, ConnectionHandler } from '../connection.js';
import { errorCode } from '../listen-error.js';
import type { Arrival, Stage } from './arrivals.js';
import type { ConnectionSite } from './connection-site.js';
import { type Sender, SendWatch } from './send-watch.js';
import { observe, type SocketEvents } from './shared-reading.js';

const NOTHING = Buffer.alloc(0);

/** A TCP or TLS connection. */
class StreamConnection implements Connection, SocketEvents, Sender {
  readonly info: ConnectionInfo;
  readonly #site: ConnectionSite;
  readonly #socket: Socket;
  readonly #handler: ConnectionHandler;
  /** The socket that the operating system knows, under TLS where there is TLS. */
  readonly #transport: Socket;
  #sendWatch: SendWatch | undefined;
  /** Nothing has been received yet. */
  #silent = true;
  /** A write has left bytes over, so `onWritable` is due. */
  #blocked = false;
  /** Nothing more is to be written, nor read for the handler. */
  #finished = false;
  #closeReason: string | undefined;

  constructor(info: ConnectionInfo, arrival: Arrival, site: ConnectionSite) {
    this.info = info;
    this.#site = site;
    this.#socket = observe(arrival.socket, this);
    this.#transport = arrival.socket === arrival.transport ? this.#socket : arrival.transport;
    this.#handler = site.accept(this);
    if (arrival.unread !== undefined) this.onSocketData(arrival.unread);
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): boolean {
    if (this.#finished) return true;
    this.#socket.write(bytes);
    if (this.#socket.writableLength === 0) return true;
    if (!this.#blocked) this.#awaitWritable();
    return false;
  }

  pause(): void {
    if (!this.#finished) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (!this.#finished) this.#finish('local');
  }

  destroy(): void {
    this.#destroy('local');
  }

  get awaitsPeer(): boolean {
    return this.#blocked || this.#finished;
  }

  onSendTimeout(): void {
    this.#destroy('send_timeout');
  }

  onSocketData(bytes: Buffer): void {
    if (this.#finished) return;
    if (this.#silent && this.#site.isStrayProxyHeader(bytes, this.info.peer))
      this.#destroy('proxy_protocol_off');
    else this.#handler.onData(bytes);
    this.#silent = false;
  }

  /**
   * The peer may have closed only its own half, right behind a request: what is written in this turn of the
   * event loop as the answer still goes out.
   */
  onSocketEnd(): void {
    this.#closeReason ??= 'closed';
    setImmediate(() => this.#finish('closed'));
  }

  onSocketError(error: Error): void {
    this.#closeReason ??= errorCode(error);
  }

  onSocketClose(): void {
    this.#finished = true;
    this.#sendWatch?.stop();
    const reason = this.#closeReason ?? 'closed';
    this.#site.connectionClosed(reason);
    this.#handler.onClose(reason);
  }

  /** Node says `drain` only for much that was left over; an empty write is done when all before it is. */
  #awaitWritable(): void {
    this.#blocked = true;
    if (this.#site.sendTimeoutCloses) this.#watchSending();
    this.#socket.write(NOTHING, () => this.#onFlushed());
  }

  #onFlushed(): void {
    this.#blocked = false;
    if (this.#finished) return;
    if (this.#socket.writableLength > 0) this.#awaitWritable();
    else this.#handler.onWritable();
  }

  /** Sends what is left, then waits for the peer to close too, for the send timeout at most. */
  #finish(reason: string): void {
    this.#finished = true;
    this.#closeReason ??= reason;
    this.#socket.end();
    this.#socket.resume();
    if (!this.#socket.destroyed) this.#watchSending();
  }

  #watchSending(): void {
    const { timers, sendTimeout } = this.#site;
    this.#sendWatch ??= new SendWatch(timers, sendTimeout, this.#transport, this);
    this.#sendWatch.start();
  }

  #destroy(reason: string): void {
    this.#finished = true;
    this.#closeReason ??= reason;
    this.#socket.destroy();
  }
}

/** The last stage of tcp and tls listeners. */
export class StreamStage implements Stage {
  readonly #site: ConnectionSite;

  constructor(site: ConnectionSite) {
    this.#site = site;
  }

  enter(arrival: Arrival): void {
    const info = this.#site.enlist(arrival, undefined);
    if (info !== undefined) new StreamConnection(info, arrival, this.#site);
  }
}
