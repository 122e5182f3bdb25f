import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { errorCode } from '../error-code.js';
import type { TlsConfig } from '../listener-config.js';
import { describeCertificate } from '../peer-certificate.js';
import { type Arrival, type Arrivals, putBack, type Stage } from './arrivals.js';
import { underlyingSocket } from './node-internals.js';
import { loadTlsOptions } from './tls-options.js';

/** Does the TLS handshake. */
export class TlsStage implements Stage {
  readonly #arrivals: Arrivals;
  readonly #config: TlsConfig;
  readonly #next: Stage;
  readonly #server: Server;
  readonly #bySocket = new WeakMap<Socket, Arrival>();

  /**
   * @param configKey path of the listener's section of the configuration
   * @throws PorticoError see {@link loadTlsOptions}
   */
  constructor(arrivals: Arrivals, config: TlsConfig, configKey: string, next: Stage) {
    this.#arrivals = arrivals;
    this.#config = config;
    this.#next = next;
    this.#server = createServer(loadTlsOptions(config, configKey));
    this.#server.on('secureConnection', (socket) => this.#onSecure(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#onError(error, socket));
  }

  /** A peer that closes its half in the middle of the handshake has left; later it may want an answer. */
  enter(arrival: Arrival): void {
    this.#bySocket.set(arrival.transport, arrival);
    const socket = putBack(arrival);
    socket.allowHalfOpen = false;
    this.#server.emit('connection', socket);
  }

  #arrivalOf(socket: TLSSocket): Arrival | undefined {
    const transport = underlyingSocket(socket);
    return transport && this.#bySocket.get(transport);
  }

  #onSecure(socket: TLSSocket): void {
    const arrival = this.#arrivalOf(socket);
    if (arrival === undefined) {
      socket.destroy();
      return;
    }
    arrival.socket = socket;
    socket.allowHalfOpen = true;
    const certificate = socket.getPeerX509Certificate();
    const fault = this.#certificateFault(socket, certificate !== undefined);
    if (fault !== undefined) {
      this.#arrivals.refuse(arrival, 'client_certificate', fault);
      return;
    }
    if (certificate !== undefined) arrival.certificate = describeCertificate(certificate);
    arrival.serverName = serverNameOf(socket) ?? arrival.serverName;
    this.#next.enter(arrival);
  }

  /** What is wrong with the client's certificate, if one is wanted. */
  #certificateFault(socket: TLSSocket, present: boolean): string | undefined {
    if (this.#config.verify === 'verify_none') return undefined;
    if (!present) return this.#config.fail_if_no_peer_cert ? 'none was sent' : undefined;
    return socket.authorized ? undefined : String(socket.authorizationError);
  }

  /** A peer that leaves in the middle of the handshake is nobody's fault: health checks do it. */
  #onError(error: Error, socket: TLSSocket): void {
    const arrival = this.#arrivalOf(socket);
    if (arrival === undefined) {
      socket.destroy();
      return;
    }
    const reason = errorCode(error) === 'ECONNRESET' ? 'gone' : 'tls_handshake';
    this.#arrivals.refuse(arrival, reason, describe(error));
  }
}

/** OpenSSL's reason and code: `tlsv1 alert unknown ca [ERR_SSL_TLSV1_ALERT_UNKNOWN_CA]`. */
function describe(error: Error & { readonly reason?: string }): string {
  const code = errorCode(error);
  const text = `${error.reason ?? error.message} [${code}]`;
  if (code !== 'ERR_SSL_WRONG_VERSION_NUMBER') return text;
  return `${text}: this is not TLS; should a proxy be sending PROXY headers, set proxy_protocol to true`;
}

/** The name sent by SNI; Node says false for none. */
function serverNameOf(socket: TLSSocket): string | undefined {
  const { servername } = socket as unknown as { readonly servername: string | false | null };
  return servername === false || servername === null ? undefined : servername;
}
