import { X509Certificate } from 'node:crypto';
import type { RemoteInfo } from 'node:dgram';
import {
  type ClientAuthentication,
  type DtlsRefusal,
  DtlsServer,
  type DtlsServerHost,
  type DtlsServerOptions,
  type DtlsSession,
  type DtlsSessionHandler,
  type PeerVerdict,
  type PresentedKey,
  type RefusalReason,
  type ServerCredentials,
} from '@portico/dtls';
import { PorticoError } from '../../runtime/errors.js';
import type { Accept, ListenerLimits } from '../connection.js';
import { proveIdentity } from '../identity/proven-identity.js';
import type { DtlsListenerConfig } from '../listener-config.js';
import { connectionInfo, type ListenerContext, type ListenerIdentity } from '../listener-context.js';
import type { Refused } from '../statistics.js';
import { endOf } from '../tls/tls-files.js';
import { DatagramListener } from '../udp/datagram-listener.js';
import { peerKey } from '../udp/peer-key.js';
import type { UdpConnection } from '../udp/udp-connection.js';
import { proofOf, verdictOn } from './client-proof.js';
import { namesRawKeys } from './dtls-config.js';
import { DtlsConnection, peerOf } from './dtls-connection.js';
import { type DtlsFiles, readDtlsFiles } from './dtls-files.js';
import { DtlsMetrics } from './dtls-metrics.js';

/** Milliseconds for which a session may be resumed. */
const RESUMPTION_LIFETIME = 2 * 3600 * 1000;
/** Sessions of one listener that may be resumed. */
const RESUMABLE_SESSIONS = 10_000;
/** Bytes of a connection id: enough that ids are told from one another, few enough for each record. */
const CONNECTION_ID_LENGTH = 6;

/** Reasons by which operators know failed handshakes, where it is not `dtls_handshake`. */
const REFUSALS: { readonly [reason in RefusalReason]?: Refused } = {
  half_open_limit: 'max_handshakes',
  session_limit: 'max_connections',
  certificate_missing: 'client_certificate',
  certificate_unusable: 'client_certificate',
  certificate_rejected: 'client_certificate',
};

/** Takes the place of a connection that came to be when there are to be no more. */
const DEAF: DtlsSessionHandler = { onData() {}, onMoved() {}, onClose() {} };

/** A listener on a UDP port whose peers speak DTLS 1.2. Each session is a connection; its address may change. */
export class DtlsListener extends DatagramListener<DtlsSession> {
  readonly #config: DtlsListenerConfig;
  #files: DtlsFiles;
  #accept: Accept | undefined;
  readonly #server: DtlsServer;
  readonly #metrics: DtlsMetrics;

  /**
   * @throws PorticoError `PORTICO_ERR_TLS_FILE` for files that are not good, `PORTICO_ERR_CONFIG` when there are no
   *   pre-shared keys
   */
  constructor(identity: ListenerIdentity, config: DtlsListenerConfig, context: ListenerContext) {
    super(identity, config, context);
    if (config.psk && context.psk === undefined) {
      throw new PorticoError(
        'PORTICO_ERR_CONFIG',
        `${identity.configKey}.psk: there is neither access.psk_file nor a user with psk`,
      );
    }
    this.#config = config;
    this.#files = readDtlsFiles(config, identity.configKey);
    this.#server = new DtlsServer(this.#options(), this.#host());
    this.#metrics = new DtlsMetrics(context.metrics, this.#server);
  }

  override async start(accept: Accept): Promise<void> {
    this.#accept = accept;
    try {
      await super.start(accept);
    } catch (error) {
      this.closeSocket();
      throw error;
    }
  }

  /** Sessions from before cannot be resumed: they would go round new authorities, lists and keys. */
  reload(): void {
    this.#files = readDtlsFiles(this.#config, this.identity.configKey);
    this.#server.useCredentials(this.#credentials());
  }

  override adjust(limits: ListenerLimits): void {
    super.adjust(limits);
    this.#server.limitSessions(limits.max_connections);
  }

  get certificatesEnd(): number | undefined {
    const [own] = this.#files.own.certificate?.chain ?? [];
    return own && endOf(new X509Certificate(own));
  }

  send(bytes: Buffer, { route }: UdpConnection<DtlsSession>): boolean {
    route.send(bytes);
    return true;
  }

  protected receive(datagram: Buffer, from: RemoteInfo): void {
    this.#server.receive(datagram, from, peerKey(from.address, from.port));
    this.#metrics.updateHalfOpen();
  }

  protected release({ route }: UdpConnection<DtlsSession>): void {
    route.close();
  }

  protected override closeSocket(): void {
    this.#server.close();
    this.#metrics.close();
    super.closeSocket();
  }

  #options(): DtlsServerOptions {
    const { ciphers, connection_id, reuse_sessions, max_connections, max_handshakes, handshake_timeout } =
      this.#config;
    return {
      credentials: this.#credentials(),
      ...(ciphers === undefined ? {} : { cipherSuites: ciphers }),
      clients: this.#clients(),
      limits: {
        halfOpen: max_handshakes,
        sessions: max_connections,
        idleTime: 0,
        handshakeTime: handshake_timeout,
      },
      connectionIdLength: connection_id ? CONNECTION_ID_LENGTH : 0,
      resumption: { sessions: reuse_sessions ? RESUMABLE_SESSIONS : 0, lifetime: RESUMPTION_LIFETIME },
    };
  }

  #credentials(): ServerCredentials {
    const { psk } = this.context;
    return {
      ...this.#files.own,
      ...(this.#config.psk && psk && { psk: { find: (identity) => psk.find(identity) } }),
    };
  }

  #clients(): ClientAuthentication {
    const { verify, fail_if_no_peer_cert, cacertfile } = this.#config;
    const asked = fail_if_no_peer_cert ? 'required' : 'optional';
    return {
      request: verify === 'verify_peer' ? asked : 'none',
      types: [
        ...(cacertfile !== undefined || !namesRawKeys(this.#config) ? (['x509'] as const) : []),
        ...(namesRawKeys(this.#config) ? (['rawPublicKey'] as const) : []),
      ],
      verify: (presented) => this.#verdictOn(presented),
    };
  }

  /** What the DTLS server needs of the listener. */
  #host(): DtlsServerHost {
    return {
      now: () => this.now(),
      timers: this.context.timers,
      send: (datagram, { address, port }) => {
        this.socket.send(datagram, port, address);
      },
      admits: (from) => {
        return this.admission.admits(peerOf(from), this.recorder.connections);
      },
      mayMove: (to) => this.admission.allows(peerOf(to)),
      accept: (session) => this.#open(session),
      refused: (refusal) => this.#refused(refusal),
    };
  }

  #open(session: DtlsSession): DtlsSessionHandler {
    this.#metrics.updateHalfOpen();
    const peer = peerOf(session.endpoint);
    const fault = this.#faultOf(session);
    const accept = this.#accept;
    if (fault !== undefined || accept === undefined || this.admission.closing) {
      this.recorder.refused(fault === undefined ? 'listener_closed' : 'client_certificate', peer, fault);
      process.nextTick(() => session.close());
      return DEAF;
    }
    this.recorder.opened();
    const { certificate, pskIdentity, rawPublicKey } = proofOf(session.peer);
    const info = connectionInfo(this.identity, {
      peer,
      local: this.address,
      certificate,
      serverName: session.serverName,
      pskIdentity,
      rawPublicKey,
      proven: proveIdentity(this.#config, { certificate, pskIdentity, rawPublicKey }),
      subprotocol: undefined,
    });
    return new DtlsConnection(info, session, this, accept);
  }

  /** Why a resumed session is not wanted any more: its certificate was looked at a while ago. */
  #faultOf({ resumed, peer }: DtlsSession): string | undefined {
    if (!resumed || (peer.kind !== 'certificate' && peer.kind !== 'rawPublicKey')) return undefined;
    const verdict = this.#verdictOn(peer);
    return verdict === 'trusted' ? undefined : verdict.reason;
  }

  #verdictOn(presented: PresentedKey): PeerVerdict {
    return verdictOn(presented, this.#files, this.#config, this.context.clock.now());
  }

  #refused(refusal: DtlsRefusal): void {
    this.#metrics.updateHalfOpen();
    this.#metrics.failed(refusal);
    const { from, reason, detail } = refusal;
    this.recorder.refused(REFUSALS[reason] ?? 'dtls_handshake', peerOf(from), `${reason}: ${detail}`);
  }
}
