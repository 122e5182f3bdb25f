import { formatAddress, type PeerAddress } from '../engine/client-info.js';
import { LineLimit } from '../runtime/line-limit.js';
import type { LogLevel } from '../runtime/logger.js';
import type { Counter, Gauge } from '../runtime/metrics.js';
import type { ListenerStatistics } from './connection.js';
import type { ListenerContext } from './listener-context.js';

interface RefusalKind {
  readonly level: LogLevel;
  /** For the log. */
  readonly text: string;
}

/** Why a peer does not become a connection. */
const REFUSALS = {
  access: { level: 'info', text: 'an access rule denies its address' },
  max_connections: { level: 'warn', text: 'max_connections is reached' },
  max_conn_rate: { level: 'warn', text: 'connections, or clients over UDP, come faster than max_conn_rate' },
  proxy_protocol: { level: 'warn', text: 'it sent no valid PROXY header, and proxy_protocol is on' },
  proxy_protocol_timeout: { level: 'warn', text: 'no PROXY header came within proxy_protocol_timeout' },
  tls_handshake: { level: 'info', text: 'the TLS handshake failed' },
  dtls_handshake: { level: 'info', text: 'the DTLS handshake failed' },
  max_handshakes: { level: 'warn', text: 'max_handshakes is reached' },
  client_certificate: { level: 'info', text: 'its certificate is missing or not valid' },
  websocket_handshake: { level: 'info', text: 'it made no valid WebSocket handshake' },
  websocket_path: { level: 'info', text: 'it asked for another path than the WebSocket one' },
  sockjs_info: { level: 'debug', text: 'it only asked what SockJS offers, and was told' },
  origin: { level: 'info', text: 'web pages of its origin may not connect, see allowed_origins' },
  subprotocol: { level: 'info', text: 'it offers no WebSocket sub-protocol that is supported' },
  idle_timeout: { level: 'info', text: 'no WebSocket handshake came within idle_timeout' },
  gone: { level: 'debug', text: 'it left before its connection was complete' },
  listener_closed: { level: 'debug', text: 'the listener closes' },
} as const satisfies Record<string, RefusalKind>;

export type Refused = keyof typeof REFUSALS;

/** Why a datagram from or to a peer is thrown away. */
const DROPS = {
  port_zero: 'Datagrams dropped because they cannot be answered, having come from port 0',
  send_queue: 'Datagrams not sent because too many wait for the network',
  multicast: 'Datagrams to multicast groups dropped because too many answers wait',
  send_error: 'Datagrams not sent because the operating system refused them',
} as const;

export type DropReason = keyof typeof DROPS;

/** Counts and logs what becomes of a listener's peers. */
export class ListenerRecorder {
  /** At a time. */
  maxConnections: number;
  readonly #context: ListenerContext;
  readonly #lines: LineLimit;
  readonly #allAccepted: Counter;
  readonly #allOpen: Gauge;
  #connections = 0;
  #accepted = 0;
  readonly #refused: Record<string, number> = {};

  /** @param listener full name */
  constructor(listener: string, maxConnections: number, context: ListenerContext) {
    this.maxConnections = maxConnections;
    this.#context = context;
    this.#lines = new LineLimit(context.log.child({ listener }), context.clock);
    this.#allAccepted = context.metrics.counter(
      'listeners.accepted',
      'Connections accepted by all listeners',
    );
    this.#allOpen = context.metrics.gauge('listeners.connections', 'Connections open on all listeners');
  }

  /** Connections open at present. */
  get connections(): number {
    return this.#connections;
  }

  get statistics(): ListenerStatistics {
    return {
      connections: this.#connections,
      maxConnections: this.maxConnections,
      accepted: this.#accepted,
      refused: { ...this.#refused },
    };
  }

  /** A peer has become a connection. */
  opened(): void {
    this.#connections++;
    this.#accepted++;
    this.#allAccepted.value++;
    this.#allOpen.add(1);
  }

  /** A connection is gone. */
  closed(): void {
    this.#connections--;
    this.#allOpen.add(-1);
  }

  /** A peer does not become a connection. @param detail what exactly was wrong */
  refused(reason: Refused, peer: PeerAddress, detail?: string): void {
    increase(this.#refused, reason);
    const { level, text } = REFUSALS[reason];
    this.#context.metrics.counter(`listeners.refused.${reason}`, `Peers refused because ${text}`).value++;
    this.#lines.write(level, { peer: formatAddress(peer), reason, detail }, `peer refused: ${text}`);
  }

  /** A connection begins with a PROXY header, which its protocol cannot make sense of. */
  strayProxyHeader(peer: PeerAddress): void {
    const advice = 'a PROXY header came in: set proxy_protocol to true for this listener';
    this.#lines.write('warn', { peer: formatAddress(peer) }, advice);
  }

  /** A datagram is thrown away. */
  dropped(reason: DropReason): void {
    this.#context.metrics.counter(`listeners.udp.dropped.${reason}`, DROPS[reason]).value++;
  }

  /** Something went wrong that is not one peer's doing. */
  failed(error: Error): void {
    this.#lines.write('error', { err: error }, 'the listener met an error');
  }
}

function increase(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}
