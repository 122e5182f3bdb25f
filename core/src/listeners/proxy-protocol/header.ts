import type { PeerAddress, PeerCertificate } from '../../engine/client-info.js';

/** What a proxy says of a connection that it passes on. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** Undefined when the proxy speaks for itself (LOCAL) or cannot tell (UNKNOWN, other address families). */
  readonly addresses: { readonly source: PeerAddress; readonly destination: PeerAddress } | undefined;
  /** The name that the client asked for, in TLS its SNI. */
  readonly authority: string | undefined;
  /** The client's certificate, where the proxy ended TLS and found it valid. */
  readonly certificate: PeerCertificate | undefined;
}

/** What can be wrong with a header. */
export type ProxyProtocolFault =
  | 'no_header'
  | 'too_long'
  | 'bad_version'
  | 'bad_command'
  | 'bad_family'
  | 'bad_address'
  | 'bad_port'
  | 'bad_length';

/** The stream does not begin with a header that is as the specification has it. */
export class ProxyProtocolError extends Error {
  override readonly name = 'ProxyProtocolError';
  readonly fault: ProxyProtocolFault;

  constructor(fault: ProxyProtocolFault, reason: string) {
    super(reason);
    this.fault = fault;
  }
}
