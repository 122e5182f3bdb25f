import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { ConnectionInfo } from '../../engine/client-info.js';
import type { ConnectionHandler } from '../connection.js';
import type { ConnectionSite } from '../stream/connection-site.js';
import { SocketConnection } from '../stream/socket-connection.js';
import { SOCKJS_CLOSE, SOCKJS_OPEN, type SockJsWriter, unwrap } from './sockjs-framing.js';

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
 * handler takes it. With the framing of SockJS all messages are text, and what they hold is in that framing.
 */
export class WsConnection extends SocketConnection {
  protected readonly handler: ConnectionHandler;
  protected readonly source: WebSocket;
  protected readonly transport: Socket;
  readonly #onSent = () => this.#afterSending();
  readonly #sockJs: SockJsWriter | undefined;
  #closeCode = NORMAL_CLOSURE;

  /**
   * @param transport the socket that the operating system knows
   * @param sockJs where there is the framing of SockJS
   */
  constructor(
    info: ConnectionInfo,
    webSocket: WebSocket,
    transport: Socket,
    site: ConnectionSite,
    sockJs?: SockJsWriter,
  ) {
    super(info, site);
    this.#sockJs = sockJs;
    this.source = webSocket;
    this.transport = transport;
    (webSocket as OwnedWebSocket)[CONNECTION] = this;
    webSocket.on('message', onMessage);
    webSocket.on('ping', onPing);
    webSocket.on('error', onError);
    webSocket.on('close', onClose);
    if (sockJs !== undefined) webSocket.send(SOCKJS_OPEN);
    this.handler = site.accept(this);
  }

  get pendingBytes(): number {
    return this.source.bufferedAmount;
  }

  write(bytes: Buffer): boolean {
    if (this.finished) return true;
    if (this.#sockJs === undefined) this.source.send(bytes, BINARY, this.#onSent);
    else {
      const message = this.#sockJs.wrap(bytes);
      if (message !== undefined) this.source.send(message, this.#onSent);
    }
    if (this.source.bufferedAmount === 0) return true;
    if (!this.blocked) this.block();
    return false;
  }

  /** @internal */
  onMessage(bytes: Buffer, isBinary: boolean): void {
    if (this.finished) return;
    const { takesText } = this.handler;
    if (this.#sockJs !== undefined) this.#onFramed(bytes, isBinary);
    else if (isBinary || (takesText && isUtf8(bytes))) this.handler.onData(bytes);
    else {
      this.#closeCode = takesText ? INVALID_PAYLOAD : UNSUPPORTED_DATA;
      this.finish('websocket_text');
    }
  }

  #onFramed(message: Buffer, isBinary: boolean): void {
    const bytes = isBinary ? undefined : unwrap(message);
    if (bytes === undefined) {
      this.#closeCode = isBinary ? UNSUPPORTED_DATA : INVALID_PAYLOAD;
      this.finish('sockjs_framing');
    } else if (bytes.length > 0) this.handler.onData(bytes);
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
    if (this.#sockJs !== undefined && this.#closeCode === NORMAL_CLOSURE) this.source.send(SOCKJS_CLOSE);
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
