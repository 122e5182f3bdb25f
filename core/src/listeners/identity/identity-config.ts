import { z } from 'zod';
import { CERTIFICATE_FIELDS } from './proven-identity.js';

const FIELDS = 'cn, dn, crt (DER), pem (its base64) or md5 (of the DER)';

/** Keys that say who a client is by its certificate. */
export const certificateIdentityShape = {
  peer_cert_as_username: z
    .enum(CERTIFICATE_FIELDS)
    .optional()
    .describe(`what of a client's certificate is its username, whatever it says itself: ${FIELDS}`),
  peer_cert_as_clientid: z
    .enum(CERTIFICATE_FIELDS)
    .optional()
    .describe("what of a client's certificate is its client id, whatever it says itself: the same choice"),
};

/** The key that says the same of pre-shared keys. */
export const pskIdentityShape = {
  psk_identity_as_username: z
    .boolean()
    .default(false)
    .describe(
      'whether the identity of a pre-shared key is the username of its client, whatever it says itself',
    ),
};

/** The key that says the same of raw public keys. */
export const rawKeyIdentityShape = {
  raw_public_key_as_username: z
    .boolean()
    .default(false)
    .describe(
      'whether the fingerprint of a raw public key (SHA-256, in hexadecimal digits) is the username of its client, whatever it says itself',
    ),
};

const certificateIdentity = z.object(certificateIdentityShape);

/** What says who a client is. */
export type IdentityConfig = z.output<typeof certificateIdentity> &
  Partial<z.output<z.ZodObject<typeof pskIdentityShape & typeof rawKeyIdentityShape>>>;

interface IdentityInput extends IdentityConfig {
  readonly enable: boolean;
  readonly proxy_protocol?: boolean;
  readonly verify?: string;
  readonly psk?: boolean;
}

/** Where no certificate or key can come from, nobody is what they say. */
export function checkIdentity(input: IdentityInput, context: z.RefinementCtx): void {
  if (!input.enable) return;
  const refuse = (key: keyof IdentityConfig, message: string) =>
    context.addIssue({ code: 'custom', path: [key], message, input });
  const certificates = input.proxy_protocol || input.verify === 'verify_peer';
  for (const key of ['peer_cert_as_username', 'peer_cert_as_clientid'] as const) {
    if (input[key] === undefined || certificates) continue;
    refuse(
      key,
      input.verify === undefined
        ? 'is of no use without proxy_protocol: true, by which a proxy passes certificates on'
        : 'is of no use without verify: verify_peer',
    );
  }
  if (input.psk_identity_as_username && !input.psk) {
    refuse('psk_identity_as_username', 'is of no use without psk: true');
  }
}

/** Whether a listener, of whatever kind, takes clients for who their certificate or key says they are. */
export function provesIdentity(listener: Pick<IdentityInput, 'enable'> & Partial<IdentityConfig>): boolean {
  return (
    listener.peer_cert_as_username !== undefined ||
    listener.peer_cert_as_clientid !== undefined ||
    listener.psk_identity_as_username === true ||
    listener.raw_public_key_as_username === true
  );
}
