import { createHash } from 'node:crypto';
import type { ConnectionInfo, PeerCertificate } from './client-info.js';

/**
 * Whose key a peer has shown in its handshake, whatever the listener makes of that: peers of which this is the same are
 * the same, wherever they are. Undefined where no handshake has proved anything.
 */
export function provenPeer({ pskIdentity, rawPublicKey, certificate }: ConnectionInfo): string | undefined {
  if (pskIdentity !== undefined) return `psk ${pskIdentity}`;
  if (rawPublicKey !== undefined) return `key ${rawPublicKey}`;
  return certificate && `certificate ${ownerOf(certificate)}`;
}

/**
 * Two authorities may give one name to two owners. An empty subject names nobody: then it is this one certificate.
 * Names have no `<` that is not escaped (RFC 4514 §2.4).
 */
function ownerOf({ subject, issuer, der = Buffer.alloc(0) }: PeerCertificate): string {
  return subject === '' ? createHash('sha256').update(der).digest('hex') : `${subject}<${issuer}>`;
}
