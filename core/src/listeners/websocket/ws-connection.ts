import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { ConnectionInfo } from '../../engine/types.js';
import type { Connection, ConnectionHandler } from '../connection.js';
import { errorCode } from '../listen-error.js';
import type { ConnectionSite } from '../stream/connection-site.js';
import { type Sender, SendWatch } from '../stream/send-watch.js';

/** RFC 6455 §7.4.1 */
const NORMAL_CLOSURE = 1000;
const UNSUPPORTED_DATA = 1003;

const BINARY = { binary: true };

const CONNECTION = Symbol('connection');

interface OwnedWebSocket extends WebSocket {
  [CONNECTION]: WsConnection;
}

/**
 * A WebSocket as a stream of bytes: what binary messages hold, in their order, wherever one ends. Text is an
 * error.
 */
export class WsConnection implements Connection, Sender {
  readonly info: ConnectionInfo;
  readonly #site: ConnectionSite;
  readonly #webSocket: WebSocket;
  readonly #transport: Socket;
  readonly #handler: ConnectionHandler;
  readonly #onSent = () => this.#afterSending();
  #sendWatch: SendWatch | undefined;
  /** A write has left bytes over, so `onWritable` is due. */
  #blocked = false;
  /** Nothing more is to be written, nor read for the handler. */
  #finished = false;
  #closeReason: string | undefined;

  /** @param transport the socket that the operating system knows */
  constructor(info: ConnectionInfo, webSocket: WebSocket, transport: Socket, site: ConnectionSite) {
    this.info = info;
    this.#site = site;
    this.#webSocket = webSocket;
    this.#transport = transport;
    (webSocket as OwnedWebSocket)[CONNECTION] = this;
    webSocket.on('message', onMessage);
    webSocket.on('error', onError);
    webSocket.on('close', onClose);
    this.#handler = site.accept(this);
  }

  get pendingBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  write(bytes: Buffer): boolean {
    if (this.#finished) return true;
    this.#webSocket.send(bytes, BINARY, this.#onSent);
    if (this.#webSocket.bufferedAmount === 0) return true;
    this.#blocked = true;
    if (this.#site.sendTimeoutCloses) this.#watchSending();
    return false;
  }

  pause(): void {
    if (!this.#finished) this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  end(): void {
    if (!this.#finished) this.#finish(NORMAL_CLOSURE, 'local');
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

  /** @internal */
  onMessage(bytes: Buffer, isBinary: boolean): void {
    if (this.#finished) return;
    if (isBinary) this.#handler.onData(bytes);
    else this.#finish(UNSUPPORTED_DATA, 'websocket_text');
  }

  /** @internal The library has begun the closing handshake with the code that the error has. */
  onError(error: Error): void {
    this.#finished = true;
    this.#closeReason ??= errorCode(error);
    this.#watchSending();
  }

  /** @internal */
  onClose(): void {
    this.#finished = true;
    this.#sendWatch?.stop();
    const reason = this.#closeReason ?? 'closed';
    this.#site.connectionClosed(reason);
    this.#handler.onClose(reason);
  }

  #afterSending(): void {
    if (!this.#blocked || this.#webSocket.bufferedAmount > 0) return;
    this.#blocked = false;
    if (!this.#finished) this.#handler.onWritable();
  }

  /** Sends what is left and the closing handshake, then waits for the peer's, for the send timeout at most. */
  #finish(code: number, reason: string): void {
    this.#finished = true;
    this.#closeReason ??= reason;
    this.#webSocket.close(code);
    this.#webSocket.resume();
    this.#watchSending();
  }

  #watchSending(): void {
    const { timers, sendTimeout } = this.#site;
    this.#sendWatch ??= new SendWatch(timers, sendTimeout, this.#transport, this);
    this.#sendWatch.start();
  }

  #destroy(reason: string): void {
    this.#finished = true;
    this.#closeReason ??= reason;
    this.#webSocket.terminate();
  }
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  (this as OwnedWebSocket)[CONNECTION].onMessage(data as Buffer, isBinary);
}

function onError(this: WebSocket, error: Error): void {
  (this as OwnedWebSocket)[CONNECTION].onError(error);
}

function onClose(this: WebSocket): void {
  (this as OwnedWebSocket)[CONNECTION].onClose();
}
