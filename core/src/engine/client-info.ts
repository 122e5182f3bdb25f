import type { ClientPolicy } from '../access/client-policy.js';

/** Address of the far end of a connection. */
export interface PeerAddress {
  /** IP address in text form, without brackets or zone. */
  readonly host: string;
  readonly port: number;
}

/** `192.0.2.1:1234`, `[2001:db8::1]:1234` */
export function formatAddress({ host, port }: PeerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What a client certificate says, where TLS or a proxy has verified one. */
export interface PeerCertificate {
  readonly commonName: string | undefined;
  /** Distinguished name of the subject, RFC 4514 text; empty when it has only alternative names. */
  readonly subject: string;
  /** As `subject`, of the authority that has signed it; empty when only a proxy saw the certificate. */
  readonly issuer: string;
  /** DER bytes; undefined when only a proxy saw the certificate. */
  readonly der: Buffer | undefined;
}

export type TransportType = 'tcp' | 'tls' | 'ws' | 'wss' | 'udp' | 'dtls';

/**
 * Who a client is by its certificate or pre-shared key, where the listener is told to take that for its
 * username or client id. It stands above what the client says of itself.
 */
export interface ProvenIdentity {
  readonly username: string | undefined;
  readonly clientId: string | undefined;
}

/** What the listener knows of a connection. */
export interface ConnectionInfo {
  /** Unique in this process. */
  readonly id: number;
  readonly transport: TransportType;
  /** Name of the gateway: `mqtt`. */
  readonly gateway: string;
  /** Full name: `mqtt:tcp:default`. */
  readonly listener: string;
  /** Where the peer is: another one later when a DTLS peer with a connection id moves. */
  readonly peer: PeerAddress;
  readonly local: PeerAddress;
  readonly certificate: PeerCertificate | undefined;
  /** Name sent by TLS SNI, if any. */
  readonly serverName: string | undefined;
  /** Identity of the pre-shared key that TLS or DTLS was made with, if any. */
  readonly pskIdentity: string | undefined;
  /** Fingerprint (SHA-256, hexadecimal) of the raw public key that a DTLS peer has proved to own, if any. */
  readonly rawPublicKey: string | undefined;
  readonly proven: ProvenIdentity | undefined;
  /** The WebSocket sub-protocol agreed on, if any. */
  readonly subprotocol: string | undefined;
}

/** Who a client is. Made once when it connects; every message it publishes points here. */
export interface ClientInfo {
  /** Unique among the sessions of the hub. */
  readonly clientId: string;
  readonly username: string | undefined;
  /** Name in the sense of the management API: `MQTT`, `CoAP`, `TCP` … */
  readonly protocol: string;
  /** The protocol's own version number: 3, 4, 5 for MQTT; 1 where there is only one. */
  readonly protocolVersion: number;
  readonly peer: PeerAddress;
  /** Local port that the client came in on. */
  readonly localPort: number;
  /** Name of the gateway: `mqtt`, `coap` … */
  readonly gateway: string;
  /** Full name of the listener: `mqtt:tcp:default`. */
  readonly listener: string;
  /** Zone of the listener, undefined for none. */
  readonly zone: string | undefined;
  /** How the hub treats it. */
  readonly policy: ClientPolicy;
  /** Topic prefix, placeholders filled in; empty for none. */
  readonly mountpoint: string;
  readonly isSuperuser: boolean;
  /** Let in without any source having known it. */
  readonly anonymous: boolean;
  readonly certificate: PeerCertificate | undefined;
  /** Seconds; 0 for none. The one thing that can change, see `Engine.setKeepalive`. */
  keepalive: number;
  readonly cleanStart: boolean;
  /** Seconds that the session outlives the connection; 0xFFFFFFFF for ever. */
  readonly sessionExpiry: number;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
}

/** What a connected client is like at present, as operators see it beside its {@link ClientInfo}. */
export interface ClientStatus {
  /** In the terms of its protocol: `asleep`. */
  readonly state: string;
  /** Where it is reached now, which may be elsewhere than where it connected from. */
  readonly peer: PeerAddress;
  /** What else its protocol tells of it, by name: the plate of a vehicle. */
  readonly details?: Readonly<Record<string, string>> | undefined;
}

/** What a client calls itself. */
export type ClientNames = Pick<ClientInfo, 'clientId' | 'username'>;

/** The state of a client of which there is no more to tell. */
const CONNECTED = 'connected';

/**
 * How a client is named in log lines. The object is the caller's: to what is logged of each connection more is assigned,
 * for V8 makes a large object of one that is spread into another.
 * @param status what it is like at present, where its protocol tells
 */
export function logFields(
  { clientId, username, listener, peer }: ClientInfo,
  status?: ClientStatus,
): Record<string, unknown> {
  const address = formatAddress(status?.peer ?? peer);
  const fields: Record<string, unknown> = { clientid: clientId, username, listener, peer: address };
  if (status !== undefined && status.state !== CONNECTED) fields.state = status.state;
  return fields;
}
