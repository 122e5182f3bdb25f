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
import { SockJsWriter } from './sockjs-framing.js';
import { type SockJsPlace, sockJsInformation, sockJsPlace } from './sockjs-paths.js';
import { WsConnection } from './ws-connection.js';

type Status = 400 | 403 | 404 | 426;

/** Errors of a peer that closes in the middle of its request. */
const PEER_LEFT = ['ECONNRESET', 'HPE_INVALID_EOF_STATE'];

/** The last stage of ws and wss listeners: the WebSocket handshake, RFC 6455 §4.2, and what SockJS clients ask before. */
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

  #onPlainRequest({ url, method, headers, socket }: IncomingMessage): void {
    const place = this.#placeOf(url);
    if (place === undefined) this.#refuse(socket, 'websocket_path', 404, url);
    else if (place !== 'info') this.#refuse(socket, 'websocket_handshake', 426, 'a plain HTTP request');
    else if (method !== 'GET' && method !== 'OPTIONS') this.#refuse(socket, 'websocket_path', 404, url);
    else if (!this.#mayConnect(headers.origin)) this.#refuse(socket, 'origin', 403, headers.origin);
    else this.#dismiss(socket, 'sockjs_info', undefined, sockJsInformation(method, headers.origin));
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origin, 'sec-websocket-protocol': offer } = request.headers;
    const place = this.#placeOf(request.url);
    if (place === undefined || place === 'info') {
      this.#refuse(socket, 'websocket_path', 404, request.url);
    } else if (!this.#mayConnect(origin)) {
      this.#refuse(socket, 'origin', 403, origin);
    } else if (!this.#isAcceptable(offer, place)) {
      this.#refuse(socket, 'subprotocol', 400, offer ?? 'none');
    } else {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.#open(request, socket, webSocket, place === 'framed' ? new SockJsWriter() : undefined);
      });
    }
  }

  #open(
    request: IncomingMessage,
    socket: Duplex,
    webSocket: WebSocket,
    sockJs: SockJsWriter | undefined,
  ): void {
    const arrival = this.#bySocket.get(socket);
    if (arrival === undefined) return;
    arrival.peer = proxiedPeer(request.headers, this.#config, arrival.peer);
    const info = this.#site.enlist(arrival, webSocket.protocol || undefined);
    if (info !== undefined) new WsConnection(info, webSocket, arrival.transport, this.#site, sockJs);
  }

  /** Undefined where there is nothing. */
  #placeOf(url = ''): 'own' | SockJsPlace | undefined {
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    if (path === this.#config.path) return 'own';
    return this.#config.sockjs ? sockJsPlace(path, this.#config.path) : undefined;
  }

  #mayConnect(origin: string | undefined): boolean {
    return mayConnect(origin, this.#config.allowed_origins, this.#site.isLoopback());
  }

  /** With the framing of SockJS no sub-protocol can be named. */
  #isAcceptable(offer: string | undefined, place: 'own' | SockJsPlace): boolean {
    if (offer === undefined) return place === 'framed' || !this.#config.fail_if_no_subprotocol;
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
    this.#dismiss(socket, reason, detail, answer(status));
  }

  #dismiss(socket: Duplex, reason: Refused, detail: string | undefined, farewell: string): void {
    const arrival = this.#bySocket.get(socket);
    if (arrival !== undefined) this.#arrivals.refuse(arrival, reason, detail, farewell);
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
