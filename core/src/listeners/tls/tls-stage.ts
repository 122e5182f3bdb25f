import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { PorticoError } from '../../runtime/errors.js';
import { isPromise } from '../../runtime/maybe-promise.js';
import { errorCode } from '../error-code.js';
import type { ListenerContext } from '../listener-context.js';
import { describeCertificate } from '../peer-certificate.js';
import { type Arrival, type Arrivals, putBack, type Stage } from '../stream/arrivals.js';
import { underlyingSocket } from '../stream/node-internals.js';
import { certificateFault, usedPresharedKey } from './client-proof.js';
import { resumesSessions, SecureContexts } from './secure-contexts.js';
import { SessionCache } from './session-cache.js';
import type { TlsConfig } from './tls-config.js';

/** Seconds for which a session may be resumed. */
const SESSION_TIMEOUT = 2 * 3600;

/**
 * Does the TLS handshake.
 *
 * Certificates are asked for but not refused by Node: `verify_peer` without `fail_if_no_peer_cert` must tell a
 * wrong one from none, which Node's `rejectUnauthorized` does not. Either way a client of TLS 1.3 has ended its
 * handshake by then and may have sent data; nobody sees it before {@link Stage.enter} of the next stage.
 */
export class TlsStage implements Stage {
  readonly #arrivals: Arrivals;
  readonly #config: TlsConfig;
  readonly #configKey: string;
  readonly #context: ListenerContext;
  readonly #next: Stage;
  readonly #server: Server;
  readonly #bySocket = new WeakMap<Socket, Arrival>();
  readonly #sessions = new SessionCache();
  #contexts: SecureContexts;

  /**
   * @param configKey path of the listener's section of the configuration
   * @throws PorticoError see {@link SecureContexts}; `PORTICO_ERR_CONFIG` when the keys are missing
   */
  constructor(
    arrivals: Arrivals,
    config: TlsConfig,
    configKey: string,
    context: ListenerContext,
    next: Stage,
  ) {
    this.#arrivals = arrivals;
    this.#config = config;
    this.#configKey = configKey;
    this.#context = context;
    this.#next = next;
    if (config.psk && context.psk === undefined) {
      throw new PorticoError(
        'PORTICO_ERR_CONFIG',
        `${configKey}.psk: there is neither access.psk_file nor a user with psk`,
      );
    }
    this.#contexts = new SecureContexts(config, configKey);
    this.#server = this.#createServer();
    this.#server.on('secureConnection', (socket) => this.#onSecure(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#onError(error, socket));
    if (resumesSessions(config)) this.#keepSessions();
  }

  /** A peer that closes its half in the middle of the handshake has left; later it may want an answer. */
  enter(arrival: Arrival): void {
    this.#bySocket.set(arrival.transport, arrival);
    const socket = putBack(arrival);
    socket.allowHalfOpen = false;
    this.#server.emit('connection', socket);
  }

  /** Sessions from before cannot be resumed: they would go round new authorities and revocation lists. */
  reload(): void {
    const contexts = new SecureContexts(this.#config, this.#configKey);
    this.#server.setSecureContext(contexts.own);
    this.#contexts = contexts;
    this.#sessions.clear();
    this.#next.reload?.();
  }

  get certificatesEnd(): number | undefined {
    return this.#contexts.end;
  }

  #createServer(): Server {
    const { verify, handshake_timeout, psk } = this.#config;
    return createServer({
      ...this.#contexts.own,
      SNICallback: (name, respond) => respond(null, this.#contexts.find(name)),
      requestCert: verify === 'verify_peer',
      rejectUnauthorized: false,
      handshakeTimeout: handshake_timeout,
      sessionTimeout: SESSION_TIMEOUT,
      ...(psk && { pskCallback: (socket: TLSSocket, identity: string) => this.#keyOf(socket, identity) }),
    });
  }

  #keepSessions(): void {
    this.#server.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
      this.#sessions.store(id, session);
      done();
    });
    this.#server.on('resumeSession', (id: Buffer, respond) => respond(null, this.#sessions.find(id)));
  }

  /** OpenSSL does not wait: a key that has to be looked up is there when the client tries again. */
  #keyOf(socket: TLSSocket, identity: string): Buffer | null {
    const arrival = this.#arrivalOf(socket);
    if (arrival !== undefined) arrival.pskIdentity = identity;
    const key = this.#context.psk?.find(identity);
    return key === undefined || isPromise(key) ? null : key;
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
    if (!this.#identify(arrival, socket)) return;
    arrival.serverName = serverNameOf(socket) ?? arrival.serverName;
    this.#next.enter(arrival);
  }

  /** Notes what the handshake has proved. @returns false when the client is refused */
  #identify(arrival: Arrival, socket: TLSSocket): boolean {
    if (arrival.pskIdentity !== undefined && usedPresharedKey(socket)) return true;
    arrival.pskIdentity = undefined;
    const fault = certificateFault(socket, this.#config, this.#context.clock);
    if (fault !== undefined) {
      this.#arrivals.refuse(arrival, 'client_certificate', fault);
      return false;
    }
    const certificate = socket.getPeerX509Certificate();
    if (certificate !== undefined) arrival.certificate = describeCertificate(certificate);
    return true;
  }

  /** A peer that leaves in the middle of the handshake is nobody's fault: health checks do it. */
  #onError(error: Error, socket: TLSSocket): void {
    const arrival = this.#arrivalOf(socket);
    if (arrival === undefined) {
      socket.destroy();
      return;
    }
    const reason = errorCode(error) === 'ECONNRESET' ? 'gone' : 'tls_handshake';
    this.#arrivals.refuse(arrival, reason, describe(error, arrival.pskIdentity));
  }
}

/** OpenSSL's reason and code: `tlsv1 alert unknown ca [ERR_SSL_TLSV1_ALERT_UNKNOWN_CA]`. */
function describe(error: Error & { readonly reason?: string }, pskIdentity: string | undefined): string {
  const code = errorCode(error);
  const text = `${error.reason ?? error.message} [${code}]`;
  if (pskIdentity !== undefined) return `${text}; the identity is "${pskIdentity}"`;
  if (code !== 'ERR_SSL_WRONG_VERSION_NUMBER') return text;
  return `${text}: this is not TLS; should a proxy be sending PROXY headers, set proxy_protocol to true`;
}

/** The name sent by SNI; Node says false for none. */
function serverNameOf(socket: TLSSocket): string | undefined {
  const { servername } = socket as unknown as { readonly servername: string | false | null };
  return servername === false || servername === null ? undefined : servername;
}
