import type { PeerAddress } from '../engine/client-info.js';
import type { Logger, LogLevel } from '../runtime/logger.js';
import type { Counter, Gauge } from '../runtime/metrics.js';
import type { ListenerStatistics } from './connection.js';
import type { ListenerContext } from './listener-context.js';
import { formatAddress } from './peer-address.js';
import { TokenBucket } from './token-bucket.js';

interface RefusalKind {
  readonly level: LogLevel;
  /** For the log. */
  readonly text: string;
}

/** Why a peer does not become a connection. */
const REFUSALS = {
  access: { level: 'info', text: 'an access rule denies its address' },
  max_connections: { level: 'warn', text: 'max_connections is reached' },
  max_conn_rate: { level: 'warn', text: 'connections come faster than max_conn_rate' },
  proxy_protocol: { level: 'warn', text: 'it sent no valid PROXY header, and proxy_protocol is on' },
  proxy_protocol_timeout: { level: 'warn', text: 'no PROXY header came within proxy_protocol_timeout' },
  tls_handshake: { level: 'info', text: 'the TLS handshake failed' },
  client_certificate: { level: 'info', text: 'its certificate is missing or not valid' },
  websocket_handshake: { level: 'info', text: 'it made no valid WebSocket handshake' },
  websocket_path: { level: 'info', text: 'it asked for another path than the WebSocket one' },
  subprotocol: { level: 'info', text: 'it offers no WebSocket sub-protocol that is supported' },
  idle_timeout: { level: 'info', text: 'no WebSocket handshake came within idle_timeout' },
  gone: { level: 'debug', text: 'it left before its connection was complete' },
  listener_closed: { level: 'debug', text: 'the listener closes' },
} as const satisfies Record<string, RefusalKind>;

export type Refused = keyof typeof REFUSALS;

/** Why a datagram from or to a peer is thrown away. */
const DROPS = {
  paused: 'Datagrams dropped because their peer is not read from at present',
  port_zero: 'Datagrams dropped because they cannot be answered, having come from port 0',
  send_queue: 'Datagrams not sent because too many wait for the network',
  send_error: 'Datagrams not sent because the operating system refused them',
} as const;

export type DropReason = keyof typeof DROPS;

/** A flood of refusals is one line a second after the first few. */
const LOG_RATE = { burst: 10, perSecond: 1 };

/** Counts and logs what becomes of a listener's peers. */
export class ListenerRecorder {
  readonly #maxConnections: number;
  readonly #context: ListenerContext;
  readonly #log: Logger;
  readonly #logBucket: TokenBucket;
  readonly #allAccepted: Counter;
  readonly #allOpen: Gauge;
  #connections = 0;
  #accepted = 0;
  #unlogged = 0;
  readonly #refused: Record<string, number> = {};
  readonly #closed: Record<string, number> = {};

  /** @param listener full name */
  constructor(listener: string, maxConnections: number, context: ListenerContext) {
    this.#maxConnections = maxConnections;
    this.#context = context;
    this.#log = context.log.child({ listener });
    this.#logBucket = new TokenBucket(context.clock, LOG_RATE);
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
      maxConnections: this.#maxConnections,
      accepted: this.#accepted,
      refused: { ...this.#refused },
      closed: { ...this.#closed },
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
  closed(reason: string): void {
    this.#connections--;
    this.#allOpen.add(-1);
    increase(this.#closed, reason);
  }

  /** A peer does not become a connection. @param detail what exactly was wrong */
  refused(reason: Refused, peer: PeerAddress, detail?: string): void {
    increase(this.#refused, reason);
    const { level, text } = REFUSALS[reason];
    this.#context.metrics.counter(`listeners.refused.${reason}`, `Peers refused because ${text}`).value++;
    if (this.#mayLog(level))
      this.#write(level, `peer refused: ${text}`, { ...peerField(peer), reason, detail });
  }

  /** A connection begins with a PROXY header, which its protocol cannot make sense of. */
  strayProxyHeader(peer: PeerAddress): void {
    const advice = 'a PROXY header came in: set proxy_protocol to true for this listener';
    if (this.#mayLog('warn')) this.#write('warn', advice, peerField(peer));
  }

  /** A datagram is thrown away. */
  dropped(reason: DropReason): void {
    this.#context.metrics.counter(`listeners.udp.dropped.${reason}`, DROPS[reason]).value++;
  }

  /** Something went wrong that is not one peer's doing. */
  failed(error: Error): void {
    if (this.#mayLog('error')) this.#write('error', 'the listener met an error', { err: error });
  }

  #mayLog(level: LogLevel): boolean {
    if (!this.#log.isLevelEnabled(level)) return false;
    if (this.#logBucket.take(1)) return true;
    this.#unlogged++;
    return false;
  }

  #write(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void {
    const unlogged = this.#unlogged > 0 ? { unlogged: this.#unlogged } : {};
    this.#unlogged = 0;
    this.#log[level]({ ...fields, ...unlogged }, message);
  }
}

function peerField(peer: PeerAddress): { readonly peer: string } {
  return { peer: formatAddress(peer) };
}

function increase(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}
