import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  type Clock,
  errorCode,
  formatAddress,
  HttpsContexts,
  LineLimit,
  type Logger,
  listenError,
  type PeerAddress,
  underlyingSocket,
} from '@portico/core';
import type { FastifyInstance } from 'fastify';
import type { ManagementConfig } from './config.js';

/** Why a connection to the API is not served. */
type Refused = 'max_connections' | 'tls_handshake' | 'client_certificate';

/** Where the API listens, with HTTP or HTTPS, and who is connected there. */
export class ApiListener {
  /** As listeners are named: `management:http` or `management:https`. */
  readonly name: string;
  #maxConnections: number;
  /** Undefined when it speaks plain HTTP. */
  readonly #https: HttpsContexts | undefined;
  readonly #clock: Clock;
  readonly #lines: LineLimit;
  readonly #sockets = new Set<Socket>();
  /** Of those that have connected: a socket that is reset forgets whose it was. */
  readonly #peers = new WeakMap<Socket, PeerAddress>();
  readonly #refused: Partial<Record<Refused, number>> = {};
  #accepted = 0;
  #address: PeerAddress;

  /** @throws PorticoError when a file of `management.tls` is not good */
  constructor({ bind, tls, max_connections }: ManagementConfig, clock: Clock, log: Logger) {
    this.#https = tls.enable ? new HttpsContexts(tls, 'management.tls') : undefined;
    this.name = `management:${tls.enable ? 'https' : 'http'}`;
    this.#maxConnections = max_connections;
    this.#clock = clock;
    this.#lines = new LineLimit(log, clock);
    this.#address = bind;
  }

  /** Where it listens, once it does: with the real port where 0 was asked for. */
  get address(): PeerAddress {
    return this.#address;
  }

  /** How this machine reaches it. */
  get url(): string {
    const { host, port } = this.#address;
    const local = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
    return `${this.#https === undefined ? 'http' : 'https'}://${formatAddress({ host: local, port })}`;
  }

  /** The certificate that it shows, as PEM; undefined when it speaks plain HTTP. */
  get certificate(): string | undefined {
    return this.#https?.certificate;
  }

  /** See `Listener.certificatesEnd`. */
  get certificatesEnd(): number | undefined {
    return this.#https?.certificatesEnd;
  }

  /** Connections open at present. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Connections since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Connections that were not served since the start, by reason. */
  get refused(): Readonly<Record<string, number>> {
    return { ...this.#refused };
  }

  /** What Fastify is told to speak HTTPS; undefined for HTTP. */
  get httpsOptions() {
    return this.#https?.serverOptions;
  }

  /** Connections that there may be at a time. */
  get maxConnections(): number {
    return this.#maxConnections;
  }

  /** Goes by another configuration from now on; connections beyond it stay. Where it listens, and how, stays as it is. */
  adjust(http: FastifyInstance, { max_connections }: ManagementConfig): void {
    this.#maxConnections = max_connections;
    http.server.maxConnections = max_connections;
  }

  /** Looks after the connections of a server, and listens. @throws PorticoError `PORTICO_ERR_LISTEN` when it cannot */
  async open(http: FastifyInstance): Promise<void> {
    this.#watch(http.server);
    const bind = this.#address;
    try {
      // Fastify writes into what it is given.
      await http.listen({ ...bind });
    } catch (error) {
      throw listenError(this.name, bind, 'management.bind', error);
    }
    const { address, port } = http.server.address() as AddressInfo;
    this.#address = { host: address, port };
  }

  /** Ends all connections, also those in the middle of a handshake, and does not listen any more. */
  async close(http: FastifyInstance): Promise<void> {
    const closed = http.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Reads certificates anew. @throws PorticoError when one is not good; what was read before stays in use */
  reload(http: FastifyInstance): void {
    this.#https?.reload(http.server as unknown as HttpsServer);
  }

  #watch(server: Server): void {
    server.maxConnections = this.#maxConnections;
    server.on('connection', (socket) => {
      this.#accepted++;
      this.#sockets.add(socket);
      this.#peers.set(socket, peerOf(socket));
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('drop', (peer) => this.#refuse('max_connections', peerOf(peer ?? {}), undefined));
    server.on('tlsClientError', (error: Error, socket: TLSSocket) =>
      this.#refuse('tls_handshake', this.#peerUnder(socket), errorCode(error)),
    );
    // Before it is the turn of HTTP.
    server.prependListener('secureConnection', (socket: TLSSocket) => this.#judge(socket));
  }

  #judge(socket: TLSSocket): void {
    const fault = this.#https?.clientFault(socket, this.#clock);
    if (fault === undefined) return;
    this.#refuse('client_certificate', this.#peerUnder(socket), fault);
    socket.destroy();
  }

  #peerUnder(socket: TLSSocket): PeerAddress {
    const transport = underlyingSocket(socket);
    return (transport && this.#peers.get(transport)) ?? peerOf(socket);
  }

  #refuse(reason: Refused, peer: PeerAddress, detail: string | undefined): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
    const fields = { listener: this.name, peer: formatAddress(peer), reason, detail };
    this.#lines.write('info', fields, 'management connection refused');
  }
}

function peerOf({
  remoteAddress,
  remotePort,
}: {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}): PeerAddress {
  return { host: remoteAddress ?? '', port: remotePort ?? 0 };
}
