import type { DropReason, DtlsRefusal, DtlsServer, RefusalReason } from '@portico/dtls';
import type { Gauge, Metrics } from '../../runtime/metrics.js';

/** What a DTLS server counts of its sessions, by the end of the metric's name. */
const COUNTERS = {
  cookies: ['cookiesSent', 'ClientHellos answered with a cookie'],
  'handshakes.started': ['handshakesStarted', 'DTLS handshakes begun'],
  'handshakes.completed': ['handshakesCompleted', 'DTLS handshakes that became sessions'],
  resumed: ['sessionsResumed', 'DTLS handshakes that went on with an earlier session'],
  retransmissions: ['retransmissions', 'Flights of DTLS handshakes sent again'],
  moves: ['moves', 'Changes of address of DTLS peers with a connection id'],
} as const;

/** Why DTLS records and datagrams were dropped. */
const DROPS: Readonly<Record<DropReason, string>> = {
  truncated: 'Datagrams dropped for they are cut off',
  not_dtls: 'Datagrams dropped for they are no DTLS 1.2',
  wrong_epoch: 'DTLS records dropped for their epoch is over or has not begun',
  replayed: 'DTLS records dropped for they came before, or are too old to tell',
  bad_record_mac: 'DTLS records dropped for they are not authentic',
  unknown_peer: 'DTLS records dropped for nobody has a session with that address or connection id',
  denied_address: 'DTLS records dropped for access_rules deny the address to which their session has moved',
  unproven_address: 'DTLS records not sent to an address that has not shown yet that it gets them',
  bad_client_hello: 'ClientHellos dropped for they are none, or in pieces',
  handshake_message: 'DTLS handshake messages dropped for they came before, or are too far ahead',
  early_data: 'DTLS records with data dropped for their handshake was not over',
  oversize: 'Data and DTLS records dropped for they are longer than a record may be',
};

/** Why DTLS handshakes failed. */
const FAILURES: Readonly<Record<RefusalReason, string>> = {
  half_open_limit: 'too many were under way',
  session_limit: 'there were too many sessions',
  handshake_timeout: 'they took too long',
  peer_alert: 'the peer gave up',
  nothing_in_common: 'the peer can do nothing that is allowed here',
  unknown_psk_identity: 'the identity has no key',
  wrong_psk: 'the peer has another key',
  certificate_missing: 'the peer has no certificate or raw public key',
  certificate_unusable: 'the certificate or raw public key is none, or not of P-256',
  certificate_rejected: 'the certificate or raw public key is not trusted',
  proof_failed: 'the peer does not have the private key',
  protocol: 'the peer breaks the protocol',
  restarted: 'the peer began anew',
  internal: 'of an error here',
};

/** Shows the counts of DTLS servers as metrics `listeners.dtls.…`, summed up over all listeners. */
export class DtlsMetrics {
  readonly #metrics: Metrics;
  readonly #server: DtlsServer;
  readonly #halfOpen: Gauge;
  readonly #unfollow: (() => void)[];
  /** What this server adds to the gauge. */
  #underWay = 0;

  constructor(metrics: Metrics, server: DtlsServer) {
    this.#metrics = metrics;
    this.#server = server;
    this.#halfOpen = metrics.gauge('listeners.dtls.handshakes', 'DTLS handshakes under way');
    const follow = (name: string, help: string, read: () => number) =>
      metrics.follow(`listeners.dtls.${name}`, help, read);
    this.#unfollow = [
      ...Object.entries(COUNTERS).map(([name, [key, help]]) =>
        follow(name, help, () => server.counters[key]),
      ),
      ...Object.entries(DROPS).map(([reason, help]) =>
        follow(`dropped.${reason}`, help, () => server.counters.dropped[reason as DropReason]),
      ),
    ];
  }

  /** To be called whenever a handshake may have begun or come to its end. */
  updateHalfOpen(): void {
    const now = this.#server.halfOpenCount;
    if (now === this.#underWay) return;
    this.#halfOpen.add(now - this.#underWay);
    this.#underWay = now;
  }

  failed({ reason }: DtlsRefusal): void {
    const help = `DTLS handshakes that failed because ${FAILURES[reason]}`;
    this.#metrics.counter(`listeners.dtls.failed.${reason}`, help).value++;
  }

  /** The server is closed; what it has counted stays. */
  close(): void {
    this.updateHalfOpen();
    for (const stop of this.#unfollow) stop();
  }
}
