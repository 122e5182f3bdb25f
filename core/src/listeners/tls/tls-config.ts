import { z } from 'zod';
import { timeout } from '../../config/units.js';

/** A certificate that a listener shows of itself. */
export const certificateShape = {
  certfile: z.string().optional().describe('PEM file with the certificate and those between it and the root'),
  keyfile: z.string().optional().describe('PEM file with the private key'),
  key_password: z.string().optional().describe('password of the private key, if it has one'),
};

/** What a listener asks of the certificates of its clients. */
export const clientCertificateShape = {
  cacertfile: z.string().optional().describe('PEM file with the authorities of client certificates'),
  crlfile: z
    .array(z.string())
    .optional()
    .describe(
      'PEM files with revocation lists of client certificates: one of each authority in the chain, the root included',
    ),
  verify: z
    .enum(['verify_none', 'verify_peer'])
    .default('verify_none')
    .describe('whether clients are asked for a certificate, which must then be valid'),
  fail_if_no_peer_cert: z
    .boolean()
    .default(false)
    .describe(
      'whether verify_peer refuses clients without a certificate (those with a pre-shared key excepted)',
    ),
};

const furtherCertificate = z.strictObject({
  certfile: z.string().describe('PEM file with the certificate and those between it and the root'),
  keyfile: z.string().describe('PEM file with its private key'),
  key_password: z.string().optional().describe('password of the private key, if it has one'),
});

/** Keys of listeners on TLS. */
export const tlsShape = {
  ...certificateShape,
  certificates: z
    .array(furtherCertificate)
    .default([])
    .describe(
      'further certificates: a client that asks for a name (SNI) is shown the first one that holds for it, beginning with certfile, which is also shown to all others',
    ),
  ...clientCertificateShape,
  depth: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe(
      "authorities that may stand between a client's certificate and a root; no limit and session resumption if not given",
    ),
  psk: z
    .boolean()
    .default(false)
    .describe(
      'whether clients may use a pre-shared key of access.psk_file or access.users in place of certificates; sessions are not resumed then',
    ),
  psk_ciphers: z
    .string()
    .optional()
    .describe('cipher suites of TLS 1.2 for pre-shared keys, as OpenSSL lists them'),
  tls_versions: z
    .array(z.enum(['tlsv1.2', 'tlsv1.3']))
    .nonempty()
    .default(['tlsv1.2', 'tlsv1.3'])
    .describe('versions of TLS'),
  ciphers: z
    .string()
    .optional()
    .describe('cipher suites as OpenSSL lists them; Node.js decides if not given'),
  honor_cipher_order: z.boolean().default(true).describe("whether the server's order of ciphers counts"),
  reuse_sessions: z
    .boolean()
    .default(true)
    .describe('whether a client that comes back within two hours may resume its TLS session'),
  handshake_timeout: timeout('15s').describe('how long the TLS handshake may take'),
};

export type TlsConfig = z.output<z.ZodObject<typeof tlsShape>>;

type TlsInput = Readonly<Partial<TlsConfig>> & { readonly enable: boolean };

/** What keys of a section ask of one another: which must be there, or not, and why. */
export interface Demand<Input> {
  readonly key: string & keyof Input;
  readonly breaks: (input: Input) => boolean;
  readonly message: string;
}

const DEMANDS: readonly Demand<TlsInput>[] = [
  { key: 'certfile', breaks: lacks('certfile'), message: 'must be given for TLS' },
  { key: 'keyfile', breaks: lacks('keyfile'), message: 'must be given for TLS' },
  {
    key: 'cacertfile',
    breaks: ({ verify, cacertfile }) => verify === 'verify_peer' && cacertfile === undefined,
    message: 'must be given for TLS',
  },
  ...ofNoUseUnlessVerifying<TlsInput>('fail_if_no_peer_cert', 'crlfile', 'depth'),
  {
    key: 'psk_ciphers',
    breaks: ({ psk, psk_ciphers }) => !psk && psk_ciphers !== undefined,
    message: 'is of no use without psk: true',
  },
  {
    key: 'ciphers',
    breaks: ({ psk, ciphers }) => psk === true && /[!-]PSK/.test(ciphers ?? ''),
    message: 'takes away the cipher suites that psk: true needs',
  },
];

/** Demands of keys about the certificates of clients, which only `verify_peer` asks for. */
export function ofNoUseUnlessVerifying<Input extends { readonly verify?: string | undefined }>(
  ...keys: readonly (string & keyof Input)[]
): Demand<Input>[] {
  return keys.map((key) => ({
    key,
    breaks: (input) => isSet(input[key]) && input.verify === 'verify_none',
    message: 'is of no use without verify: verify_peer',
  }));
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== false;
}

function lacks(key: 'certfile' | 'keyfile'): (input: TlsInput) => boolean {
  return (input) => input[key] === undefined && !hasKeysOnly(input);
}

/** A listener shows a certificate, unless all its clients are to have pre-shared keys. */
function hasKeysOnly({ psk, certfile, keyfile, certificates = [] }: TlsInput): boolean {
  return psk === true && certfile === undefined && keyfile === undefined && certificates.length === 0;
}

/** Whether the keys of a TLS listener that is to be opened fit together. */
export function checkTls(input: TlsInput, context: z.RefinementCtx): void {
  checkDemands(DEMANDS, input, context);
}

/** Tells of all demands that a section does not meet, unless its listener is not to be opened. */
export function checkDemands<Input extends { readonly enable: boolean }>(
  demands: readonly Demand<Input>[],
  input: Input,
  context: z.RefinementCtx,
): void {
  if (!input.enable) return;
  for (const { key, breaks, message } of demands) {
    if (breaks(input)) context.addIssue({ code: 'custom', path: [key], message, input });
  }
}
