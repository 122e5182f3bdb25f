import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { errorCode } from '../error-code.js';
import type { WebSocketConfig } from '../listener-config.js';
import type { Refused } from '../statistics.js';
import { type Arrival, type Arrivals, putBack, type Stage } from '../stream/arrivals.js';
import type { ConnectionSite } from '../stream/connection-site.js';
import { mayConnect } from './origins.js';
import { proxiedPeer } from './proxied-peer.js';
import { WsConnection } from './ws-connection.js';

type Status = 400 | 403 | 404 | 426;

/** Errors of a peer that closes in the middle of its request. */
const PEER_LEFT = ['ECONNRESET', 'HPE_INVALID_EOF_STATE'];

/** The last stage of ws and wss listeners: the WebSocket handshake, RFC 6455 §4.2. */
export class WsStage implements Stage {
  readonly #arrivals: Arrivals;
  readonly #config: WebSocketConfig;
  readonly #site: ConnectionSite;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #bySocket = new WeakMap<Duplex, Arrival>();

  constructor(arrivals: Arrivals, config: WebSocketConfig, site: ConnectionSite) {
    this.#arrivals = arrivals;
    this.#config = config;
    this.#site = site;
    this.#http = createServer();
    this.#http.on('request', (request) => this.#onPlainRequest(request));
    this.#http.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.#http.on('clientError', (error, socket) => this.#onBadHttp(error, socket));
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      skipUTF8Validation: true,
      autoPong: false,
      maxPayload: config.max_frame_size,
      perMessageDeflate: config.compress,
      handleProtocols: (offered) => this.#select(offered) ?? false,
    });
    this.#webSockets.on('wsClientError', (error, socket) => {
      this.#refuse(socket, 'websocket_handshake', 400, error.message);
    });
  }

  enter(arrival: Arrival): void {
    this.#bySocket.set(arrival.socket, arrival);
    this.#arrivals.expect(arrival, this.#config.idle_timeout, 'idle_timeout');
    this.#http.emit('connection', putBack(arrival));
    arrival.socket.resume();
  }

  #onPlainRequest(request: IncomingMessage): void {
    if (this.#isOurPath(request)) {
      this.#refuse(request.socket, 'websocket_handshake', 426, 'a plain HTTP request');
    } else this.#refuse(request.socket, 'websocket_path', 404, request.url);
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origin, 'sec-websocket-protocol': offer } = request.headers;
    if (!this.#isOurPath(request)) {
      this.#refuse(socket, 'websocket_path', 404, request.url);
    } else if (!mayConnect(origin, this.#config.allowed_origins, this.#site.isLoopback())) {
      this.#refuse(socket, 'origin', 403, origin);
    } else if (!this.#isAcceptable(offer)) {
      this.#refuse(socket, 'subprotocol', 400, offer ?? 'none');
    } else {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.#open(request, socket, webSocket);
      });
    }
  }

  #open(request: IncomingMessage, socket: Duplex, webSocket: WebSocket): void {
    const arrival = this.#bySocket.get(socket);
    if (arrival === undefined) return;
    arrival.peer = proxiedPeer(request.headers, this.#config, arrival.peer);
    const info = this.#site.enlist(arrival, webSocket.protocol || undefined);
    if (info !== undefined) new WsConnection(info, webSocket, arrival.transport, this.#site);
  }

  #isOurPath({ url = '' }: IncomingMessage): boolean {
    const query = url.indexOf('?');
    return (query < 0 ? url : url.slice(0, query)) === this.#config.path;
  }

  #isAcceptable(offer: string | undefined): boolean {
    if (offer === undefined) return !this.#config.fail_if_no_subprotocol;
    return this.#select(offer.split(',').map((name) => name.trim())) !== undefined;
  }

  /** The first sub-protocol that the client offers and we have: the client's order is its preference. */
  #select(offered: Iterable<string>): string | undefined {
    for (const name of offered) {
      if (this.#config.supported_protocols.includes(name)) return name;
    }
    return undefined;
  }

  #onBadHttp(error: Error & { readonly rawPacket?: Buffer }, socket: Duplex): void {
    const code = errorCode(error);
    if (PEER_LEFT.includes(code)) {
      socket.destroy();
      return;
    }
    const arrival = this.#bySocket.get(socket);
    if (arrival && error.rawPacket) this.#site.isStrayProxyHeader(error.rawPacket, arrival.peer);
    this.#refuse(socket, 'websocket_handshake', 400, `${error.message} [${code}]`);
  }

  #refuse(socket: Duplex, reason: Refused, status: Status, detail: string | undefined): void {
    const arrival = this.#bySocket.get(socket);
    if (arrival !== undefined) this.#arrivals.refuse(arrival, reason, detail, answer(status));
  }
}

/** RFC 9110 §15.5.22: whoever must upgrade is told to what; RFC 6455 §4.4: and to which version. */
function answer(status: Status): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...(status === 403 || status === 404 ? [] : ['Upgrade: websocket', 'Sec-WebSocket-Version: 13']),
    'Connection: close',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}
