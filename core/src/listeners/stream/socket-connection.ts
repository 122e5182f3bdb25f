import type { Socket } from 'node:net';
import type { ConnectionInfo } from '../../engine/client-info.js';
import type { Connection, ConnectionHandler } from '../connection.js';
import { errorCode } from '../error-code.js';
import type { ConnectionSite } from './connection-site.js';
import { type Sender, SendWatch } from './send-watch.js';

/** A stream or WebSocket, as far as reading goes. */
interface Source {
  pause(): void;
  resume(): void;
}

/**
 * What connections on TCP sockets have in common: how they end, and what becomes of them when the peer takes
 * nothing. Subclasses know how bytes come and go.
 */
export abstract class SocketConnection implements Connection, Sender {
  readonly info: ConnectionInfo;
  protected readonly site: ConnectionSite;
  protected abstract readonly handler: ConnectionHandler;
  protected abstract readonly source: Source;
  /** The socket that the operating system knows, under TLS and WebSocket. */
  protected abstract readonly transport: Socket;
  /** A write has left bytes over, so `onWritable` is due. */
  protected blocked = false;
  /** Nothing more is to be written, nor read for the handler. */
  protected finished = false;
  #closeReason: string | undefined;
  #sendWatch: SendWatch | undefined;

  constructor(info: ConnectionInfo, site: ConnectionSite) {
    this.info = info;
    this.site = site;
  }

  abstract readonly pendingBytes: number;
  abstract write(bytes: Buffer): boolean;
  /** Closes behind what is still to be sent. */
  protected abstract closeGently(): void;
  /** Closes at once. */
  protected abstract cut(): void;

  pause(): void {
    if (!this.finished) this.source.pause();
  }

  resume(): void {
    this.source.resume();
  }

  end(): void {
    this.finish('local');
  }

  destroy(): void {
    this.abort('local');
  }

  get awaitsPeer(): boolean {
    return this.blocked || this.finished;
  }

  onSendTimeout(): void {
    this.abort('send_timeout');
  }

  /** Notes why the connection will be closed; the first reason counts. */
  protected because(reason: string | Error): void {
    this.#closeReason ??= typeof reason === 'string' ? reason : errorCode(reason);
  }

  /** Sends what is left, then waits for the peer to close too, for the send timeout at most. */
  protected finish(reason: string): void {
    if (this.finished) return;
    this.because(reason);
    this.finished = true;
    this.closeGently();
    this.source.resume();
    this.watchPeer();
  }

  protected abort(reason: string): void {
    this.because(reason);
    this.finished = true;
    this.cut();
  }

  /** The connection is gone. */
  protected closed(): void {
    this.finished = true;
    this.#sendWatch?.stop();
    const reason = this.#closeReason ?? 'closed';
    this.site.connectionClosed();
    this.handler.onClose(reason);
  }

  /** A write has left bytes over. */
  protected block(): void {
    this.blocked = true;
    if (this.site.sendTimeoutCloses) this.watchPeer();
  }

  /** What was left over is gone. */
  protected unblock(): void {
    this.blocked = false;
    if (!this.finished) this.handler.onWritable();
  }

  /** Closes the connection when the peer takes nothing for the send timeout. */
  protected watchPeer(): void {
    const { timers, sendTimeout } = this.site;
    this.#sendWatch ??= new SendWatch(timers, sendTimeout, this.transport, this);
    this.#sendWatch.start();
  }
}
