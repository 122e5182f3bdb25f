import { createHash } from 'node:crypto';
import type { PeerCertificate, ProvenIdentity } from '../../engine/client-info.js';
import type { IdentityConfig } from './identity-config.js';

/** What of a certificate can stand for its owner; see {@link FIELDS}. */
export const CERTIFICATE_FIELDS = ['cn', 'dn', 'crt', 'pem', 'md5'] as const;
type CertificateField = (typeof CERTIFICATE_FIELDS)[number];

/** How each is read; undefined or empty when the certificate does not have it, or only a proxy saw it. */
const FIELDS: Readonly<Record<CertificateField, (certificate: PeerCertificate) => string | undefined>> = {
  cn: ({ commonName }) => commonName,
  dn: ({ subject }) => subject,
  /** One character for each byte. */
  crt: ({ der }) => der?.toString('latin1'),
  pem: ({ der }) => der?.toString('base64'),
  md5: ({ der }) => der && createHash('md5').update(der).digest('hex'),
};

/** The certificate does not say what it is to say of its owner. */
export class IdentityMissing extends Error {
  override readonly name = 'IdentityMissing';

  constructor(key: keyof IdentityConfig, field: CertificateField) {
    super(`its certificate has no ${field}, which ${key} wants`);
  }
}

/** What a handshake, or a proxy, has proved of a peer. */
export interface PeerProof {
  readonly certificate: PeerCertificate | undefined;
  /** Identity of its pre-shared key. */
  readonly pskIdentity: string | undefined;
  /** Fingerprint of its raw public key; only DTLS has them. */
  readonly rawPublicKey?: string | undefined;
}

/**
 * Who a client is by its certificate, the identity of its pre-shared key or its raw public key; undefined when it has
 * none or the configuration takes nothing from it.
 *
 * @throws IdentityMissing for a certificate that lacks what the configuration takes: its owner may not choose
 *   freely what the owners of other certificates may not
 */
export function proveIdentity(
  config: IdentityConfig,
  { certificate, pskIdentity, rawPublicKey }: PeerProof,
): ProvenIdentity | undefined {
  const byKey =
    (config.psk_identity_as_username ? pskIdentity : undefined) ??
    (config.raw_public_key_as_username ? rawPublicKey : undefined);
  const read = (key: 'peer_cert_as_username' | 'peer_cert_as_clientid') => {
    const field = config[key];
    if (field === undefined || certificate === undefined) return undefined;
    const value = FIELDS[field](certificate);
    if (!value) throw new IdentityMissing(key, field);
    return value;
  };
  const username = byKey ?? read('peer_cert_as_username');
  const clientId = read('peer_cert_as_clientid');
  return username === undefined && clientId === undefined ? undefined : { username, clientId };
}
