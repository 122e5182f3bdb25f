import type { ConnectionInfo } from './types.js';

/**
 * Whose key a peer has shown in its handshake, whatever the listener makes of that: peers of which this is the same are
 * the same, wherever they are. Undefined where no handshake has proved anything.
 */
export function provenPeer({ pskIdentity, rawPublicKey, certificate }: ConnectionInfo): string | undefined {
  if (pskIdentity !== undefined) return `psk ${pskIdentity}`;
  if (rawPublicKey !== undefined) return `key ${rawPublicKey}`;
  return certificate && `certificate ${certificate.subject}`;
}
