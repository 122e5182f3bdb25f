import type { ConnectionInfo, PeerAddress } from '../engine/client-info.js';

/**
 * One peer as a listener hands it on: a TCP, TLS or WebSocket connection, or the address of a UDP peer.
 * Everything above it is the same for all transports.
 */
export interface Connection {
  readonly info: ConnectionInfo;
  /** Bytes given to `write` that the operating system has not taken yet; always 0 for UDP. */
  readonly pendingBytes: number;
  /**
   * Sends bytes (for UDP: exactly one datagram). After `end` or `destroy` it does nothing.
   * @returns true when the bytes have been copied or sent and the caller may reuse the memory at once.
   */
  write(bytes: Buffer): boolean;
  /** Stops reading, which the far end feels; nothing for UDP, where it would not. */
  pause(): void;
  resume(): void;
  /** Closes once all written bytes are gone, or after the listener's send timeout. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** Who is told of a connection's fate; one per connection. */
export interface ConnectionHandler {
  /** Whether WebSocket messages may be text, as bytes of UTF-8; binary alone where it is missing. */
  readonly takesText?: boolean;
  /**
   * Bytes arrived, or one datagram. They are borrowed: good until this call returns. Nothing comes after
   * `end`; after `pause` further pieces may, of what had been read already.
   */
  onData(bytes: Buffer): void;
  /** `pendingBytes` is back to 0 after it was not. */
  onWritable(): void;
  /**
   * A UDP peer has been silent for `idle_timeout`: whether it is kept all the same, and this asked again after as long.
   * Where it is missing, the peer is forgotten.
   */
  mayBeSilent?(): boolean;
  /**
   * The peer sends nothing more, but may still read: over TCP and TLS each side ends by itself. Comes at most once, behind
   * the last `onData`. The handler ends the connection, with `end`, when it has answered.
   */
  onEnd(): void;
  /**
   * The connection is gone; the last call. Comes exactly once, also after `end` and `destroy`.
   * @param reason `closed` (by the peer), `local` (by us), `send_timeout`, `idle_timeout` (UDP),
   *   `websocket_text` (not taken, or no UTF-8), `sockjs_framing`, `proxy_protocol_off`, or an error code such as `ECONNRESET` or `WS_ERR_…`
   */
  onClose(reason: string): void;
}

/** Makes the handler for a new connection. It does not throw. */
export type Accept = (connection: Connection) => ConnectionHandler;

/** What operators see of a listener. */
export interface ListenerStatistics {
  readonly connections: number;
  readonly maxConnections: number;
  /** Since start. */
  readonly accepted: number;
  /** Refused since start, by reason: `max_connections`, `access`, `proxy_protocol`, `tls_handshake` … */
  readonly refused: Readonly<Record<string, number>>;
}

/** The answer to a datagram that was sent to many. */
export interface MulticastAnswer {
  readonly datagram: Buffer;
  /** Milliseconds until it is sent, so that not all who are asked answer at a time. */
  readonly delay: number;
}

/** Answers a datagram that came to a multicast group; undefined for silence. The datagram is borrowed. */
export type AnswerMulticast = (datagram: Buffer) => MulticastAnswer | undefined;

/** What a listener asks of peers that come, and can be told anew while it accepts. */
export interface ListenerLimits {
  readonly max_connections: number;
  /** New connections per second; 0 for no limit. */
  readonly max_conn_rate: number;
  readonly access_rules: readonly string[];
}

/** A bound port of one gateway. */
export interface Listener {
  /** Full name: `mqtt:tcp:default`. */
  readonly name: string;
  /** The address it is bound to, once started: with the real port where 0 was asked for. */
  readonly address: { readonly host: string; readonly port: number };
  /**
   * Binds and accepts.
   * @throws PorticoError `PORTICO_ERR_LISTEN` naming port, listener and configuration key
   */
  start(accept: Accept): Promise<void>;
  /** Stops accepting and reading new peers; existing connections stay until they are closed by their handlers. */
  close(): Promise<void>;
  /**
   * Asked before a client logs in, where one peer can bring many of them: whether it may, or they come faster than
   * `max_conn_rate`, which is counted and logged. Not there where each client has a connection of its own.
   */
  admitsLogin?(peer: PeerAddress): boolean;
  /**
   * Sends a datagram to all who listen at a broadcast or multicast address; undefined where there are no datagrams.
   * @param to not a name
   */
  announce?(datagram: Buffer, to: PeerAddress): void;
  /**
   * The connection to an address, made if there is none, as by a datagram from there; undefined where it may not be
   * made. Not there where peers have to come by themselves.
   */
  reach?(peer: PeerAddress): ConnectionInfo | undefined;
  /**
   * Joins the multicast groups of its configuration; undefined where there are no datagrams.
   * @throws PorticoError `PORTICO_ERR_LISTEN` naming the configuration key
   */
  joinGroups?(answer: AnswerMulticast): Promise<void>;
  /**
   * Reads the files that it needs anew, such as certificates: new connections use what they say, those there
   * are live on.
   * @throws PorticoError when one of them is not good; what was read before stays in use
   */
  reload(): void;
  /** Other limits hold for peers that come from now on. */
  adjust(limits: ListenerLimits): void;
  /** When the first of its certificates ends, in milliseconds since 1970; not there where it has none. */
  readonly certificatesEnd?: number | undefined;
  readonly statistics: ListenerStatistics;
}
