import { X509Certificate } from 'node:crypto';
import type { PeerProof as DtlsProof, PeerRejection, PeerVerdict, PresentedKey } from '@portico/dtls';
import type { IdentityConfig } from '../identity/identity-config.js';
import { IdentityMissing, type PeerProof, proveIdentity } from '../identity/proven-identity.js';
import { describeCertificate } from '../peer-certificate.js';
import { fingerprintOf } from './certificates/raw-public-keys.js';
import type { DtlsFiles } from './dtls-files.js';

const UNPROVEN: PeerProof = { certificate: undefined, pskIdentity: undefined, rawPublicKey: undefined };

/** What a DTLS handshake has proved of a peer, as connections tell it. */
export function proofOf(peer: DtlsProof): PeerProof {
  switch (peer.kind) {
    case 'psk':
      return { ...UNPROVEN, pskIdentity: peer.identity };
    case 'certificate': {
      const [own] = peer.chain;
      return own === undefined
        ? UNPROVEN
        : { ...UNPROVEN, certificate: describeCertificate(new X509Certificate(own)) };
    }
    case 'rawPublicKey':
      return { ...UNPROVEN, rawPublicKey: fingerprintOf(peer.spki) };
    case 'none':
      return UNPROVEN;
  }
}

/**
 * Whether a client with this certificate or raw public key may come in.
 * @param config what its certificate has to say of its owner
 * @param now milliseconds since 1970
 */
export function verdictOn(
  presented: PresentedKey,
  files: DtlsFiles,
  config: IdentityConfig,
  now: number,
): PeerVerdict {
  const fault =
    presented.kind === 'certificate'
      ? certificateFault(presented.chain, files, now)
      : rawKeyFault(fingerprintOf(presented.spki), files);
  if (fault !== undefined) return fault;
  try {
    proveIdentity(config, proofOf(presented));
    return 'trusted';
  } catch (error) {
    if (!(error instanceof IdentityMissing)) throw error;
    return { alert: 'bad_certificate', reason: error.message };
  }
}

function certificateFault(
  chain: readonly Buffer[],
  { certificates }: DtlsFiles,
  now: number,
): PeerRejection | undefined {
  if (certificates !== undefined) return certificates.faultOf(chain, now);
  return {
    alert: 'unsupported_certificate',
    reason: 'there is no cacertfile, only raw public keys are taken',
  };
}

function rawKeyFault(fingerprint: string, { rawPublicKeys }: DtlsFiles): PeerRejection | undefined {
  if (rawPublicKeys.has(fingerprint)) return undefined;
  return { alert: 'certificate_unknown', reason: `nobody has listed the raw public key ${fingerprint}` };
}
