import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { ConnectionInfo } from '../../engine/types.js';
import type { ConnectionHandler } from '../connection.js';
import type { ConnectionSite } from '../stream/connection-site.js';
import { SocketConnection } from '../stream/socket-connection.js';

/** RFC 6455 §7.4.1 */
const NORMAL_CLOSURE = 1000;
const UNSUPPORTED_DATA = 1003;
const INVALID_PAYLOAD = 1007;

/** Bytes waiting for a peer above which its pings are not answered: it does not read the answers. */
const MAX_WAITING_PONGS = 64 * 1024;

const BINARY = { binary: true };

const CONNECTION = Symbol('connection');

interface OwnedWebSocket extends WebSocket {
  [CONNECTION]: WsConnection;
}

/**
 * A WebSocket as a stream of bytes: what messages hold, in their order, wherever one ends. Text is an error unless the
 * handler takes it.
 */
export class WsConnection extends SocketConnection {
  protected readonly handler: ConnectionHandler;
  protected readonly source: WebSocket;
  protected readonly transport: Socket;
  readonly #onSent = () => this.#afterSending();
  #closeCode = NORMAL_CLOSURE;

  /** @param transport the socket that the operating system knows */
  constructor(info: ConnectionInfo, webSocket: WebSocket, transport: Socket, site: ConnectionSite) {
    super(info, site);
    this.source = webSocket;
    this.transport = transport;
    (webSocket as OwnedWebSocket)[CONNECTION] = this;
    webSocket.on('message', onMessage);
    webSocket.on('ping', onPing);
    webSocket.on('error', onError);
    webSocket.on('close', onClose);
    this.handler = site.accept(this);
  }

  get pendingBytes(): number {
    return this.source.bufferedAmount;
  }

  write(bytes: Buffer): boolean {
    if (this.finished) return true;
    this.source.send(bytes, BINARY, this.#onSent);
    if (this.source.bufferedAmount === 0) return true;
    if (!this.blocked) this.block();
    return false;
  }

  /** @internal */
  onMessage(bytes: Buffer, isBinary: boolean): void {
    if (this.finished) return;
    const { takesText } = this.handler;
    if (isBinary || (takesText && isUtf8(bytes))) this.handler.onData(bytes);
    else {
      this.#closeCode = takesText ? INVALID_PAYLOAD : UNSUPPORTED_DATA;
      this.finish('websocket_text');
    }
  }

  /** @internal RFC 6455 §5.5.3 lets pings go unanswered while earlier answers wait. */
  onPing(bytes: Buffer): void {
    if (!this.finished && this.source.bufferedAmount < MAX_WAITING_PONGS) this.source.pong(bytes);
  }

  /** @internal The library has begun the closing handshake with the code that the error has. */
  onError(error: Error): void {
    this.because(error);
    this.finished = true;
    this.watchPeer();
  }

  /** @internal */
  onClose(): void {
    this.closed();
  }

  protected closeGently(): void {
    this.source.close(this.#closeCode);
  }

  protected cut(): void {
    this.source.terminate();
  }

  #afterSending(): void {
    if (this.blocked && this.source.bufferedAmount === 0) this.unblock();
  }
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  (this as OwnedWebSocket)[CONNECTION].onMessage(data as Buffer, isBinary);
}

function onPing(this: WebSocket, bytes: Buffer): void {
  (this as OwnedWebSocket)[CONNECTION].onPing(bytes);
}

function onError(this: WebSocket, error: Error): void {
  (this as OwnedWebSocket)[CONNECTION].onError(error);
}

function onClose(this: WebSocket): void {
  (this as OwnedWebSocket)[CONNECTION].onClose();
}
