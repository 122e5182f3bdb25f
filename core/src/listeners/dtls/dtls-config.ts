import { CIPHER_SUITES, type CipherSuiteName } from '@portico/dtls';
import { z } from 'zod';
import { checkedText } from '../../config/checked-text.js';
import { duration, timeout } from '../../config/units.js';
import { rawKeyIdentityShape } from '../identity/identity-config.js';
import {
  certificateShape,
  checkDemands,
  clientCertificateShape,
  type Demand,
  ofNoUseUnlessVerifying,
} from '../tls/tls-config.js';
import { plainFingerprint } from './certificates/raw-public-keys.js';

const SUITE_NAMES = Object.keys(CIPHER_SUITES) as CipherSuiteName[];

/** @returns what is wrong with it */
function fingerprintError(text: string): string | undefined {
  return plainFingerprint(text) === undefined
    ? 'must be a SHA-256 fingerprint: 64 hexadecimal digits'
    : undefined;
}

/** Keys of listeners on DTLS. */
export const dtlsShape = {
  ...certificateShape,
  keyfile: z
    .string()
    .optional()
    .describe(
      'PEM file with the private key, on the curve P-256; its public key is also shown to clients that want a raw one',
    ),
  ...clientCertificateShape,
  verify: clientCertificateShape.verify.describe(
    'whether clients are asked for a certificate or raw public key, which must then be valid',
  ),
  crlfile: clientCertificateShape.crlfile.describe(
    'PEM or DER files with revocation lists of client certificates: one of each authority in the chain, the root included',
  ),
  depth: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe("authorities that may stand between a client's certificate and a root; no limit if not given"),
  raw_public_keyfile: z
    .string()
    .optional()
    .describe('PEM file with the raw public keys (RFC 7250) of clients that may come in'),
  raw_public_keys: z
    .array(checkedText(fingerprintError))
    .default([])
    .describe(
      'fingerprints of further raw public keys: the SHA-256 of the public key in DER, in hexadecimal digits, colons allowed',
    ),
  ...rawKeyIdentityShape,
  psk: z
    .boolean()
    .default(false)
    .describe(
      'whether clients may use a pre-shared key of access.psk_file or access.users in place of certificates',
    ),
  ciphers: z
    .array(z.enum(SUITE_NAMES))
    .nonempty()
    .optional()
    .describe('cipher suites by their IANA names, the best first; all there are if not given'),
  connection_id: z
    .boolean()
    .default(true)
    .describe(
      'whether clients that support connection ids (RFC 9146) get one, with which their address may change without a new handshake',
    ),
  reuse_sessions: z
    .boolean()
    .default(true)
    .describe('whether a client that comes back within two hours may resume its DTLS session'),
  handshake_timeout: timeout('30s').describe('how long the DTLS handshake may take'),
  max_handshakes: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(5000)
    .describe('handshakes under way at a time; further ones are dropped, and clients try again'),
  idle_timeout: duration({ from: '10ms', to: '30d', orZero: true })
    .prefault('1d')
    .describe(
      'after how long without a datagram in either direction a session is closed, unless its protocol lets it be silent for longer; 0 for never',
    ),
};

export type DtlsConfig = z.output<z.ZodObject<typeof dtlsShape>>;

type DtlsInput = Readonly<Partial<DtlsConfig>> & { readonly enable: boolean };

const DEMANDS: readonly Demand<DtlsInput>[] = [
  {
    key: 'keyfile',
    breaks: ({ keyfile, certfile, psk, verify }) =>
      keyfile === undefined && (psk !== true || certfile !== undefined || verify === 'verify_peer'),
    message: 'must be given for DTLS, but where all clients have pre-shared keys (psk: true)',
  },
  {
    key: 'cacertfile',
    breaks: (input) =>
      input.verify === 'verify_peer' && input.cacertfile === undefined && !namesRawKeys(input),
    message: 'must be given, or raw_public_keyfile or raw_public_keys',
  },
  {
    key: 'crlfile',
    breaks: ({ crlfile, cacertfile }) => crlfile !== undefined && cacertfile === undefined,
    message: 'is of no use without cacertfile',
  },
  ...ofNoUseUnlessVerifying<DtlsInput>('fail_if_no_peer_cert', 'crlfile', 'depth', 'raw_public_keyfile'),
  {
    key: 'raw_public_keys',
    breaks: ({ raw_public_keys = [], verify }) => raw_public_keys.length > 0 && verify === 'verify_none',
    message: 'is of no use without verify: verify_peer',
  },
  {
    key: 'raw_public_key_as_username',
    breaks: (input) => input.raw_public_key_as_username === true && !namesRawKeys(input),
    message: 'is of no use without raw_public_keyfile or raw_public_keys',
  },
  {
    key: 'ciphers',
    breaks: ({ ciphers, psk, keyfile }) =>
      ciphers !== undefined && !ciphers.some((name) => serves(name, psk === true, keyfile !== undefined)),
    message: 'has no suite that goes with what the listener has: psk: true, or a keyfile',
  },
];

/** Whether a listener that has keys of these kinds can speak a cipher suite. */
function serves(name: CipherSuiteName, psk: boolean, key: boolean): boolean {
  return CIPHER_SUITES[name].keyExchange === 'ecdhe_ecdsa' ? key : psk;
}

/** Whether clients may have raw public keys. */
export function namesRawKeys(
  config: Readonly<Partial<Pick<DtlsConfig, 'raw_public_keyfile' | 'raw_public_keys'>>>,
): boolean {
  return config.raw_public_keyfile !== undefined || (config.raw_public_keys?.length ?? 0) > 0;
}

/** Whether the keys of a DTLS listener that is to be opened fit together. */
export function checkDtls(input: DtlsInput, context: z.RefinementCtx): void {
  checkDemands(DEMANDS, input, context);
}
