import type { KeyExchange } from '../cipher-suites.js';
import {
  type Field,
  list,
  nothing,
  opaque,
  opaqueVector,
  struct,
  uint8,
  uint16,
  type ValueOf,
} from '../wire/fields.js';
import { CLIENT_EXTENSIONS, extensionsIn, SERVER_EXTENSIONS } from './extensions.js';

/** Handshake messages: RFC 5246 §7.4, hello_verify_request RFC 6347 §4.2.1. */
export const HANDSHAKE_TYPES = {
  hello_request: 0,
  client_hello: 1,
  server_hello: 2,
  hello_verify_request: 3,
  certificate: 11,
  server_key_exchange: 12,
  certificate_request: 13,
  server_hello_done: 14,
  certificate_verify: 15,
  client_key_exchange: 16,
  finished: 20,
} as const;

export type HandshakeType = keyof typeof HANDSHAKE_TYPES;

const NAMES = new Map(Object.entries(HANDSHAKE_TYPES).map(([name, code]) => [code as number, name]));

/** The name of a message type; undefined when there is none. */
export function handshakeTypeOf(code: number): HandshakeType | undefined {
  return NAMES.get(code) as HandshakeType | undefined;
}

/** The only compression method (RFC 5246 §6.2.2). */
export const NULL_COMPRESSION = 0;
/** ecdsa_secp256r1_sha256, SHA-256 with ECDSA (RFC 5246 §7.4.1.4.1). */
export const ECDSA_SHA256 = 0x0403;
/** ClientCertificateType ecdsa_sign (RFC 8422 §5.5). */
export const ECDSA_SIGN = 64;
/** ECCurveType named_curve (RFC 8422 §5.4). */
export const NAMED_CURVE = 3;

const sessionId = opaqueVector({ min: 0, max: 32 });
const random = opaque(32);
const upTo16Bits = { min: 0, max: 2 ** 16 - 1 };
const upTo24Bits = { min: 0, max: 2 ** 24 - 1 };

/** RFC 6347 §4.2.1, RFC 5246 §7.4.1.2 */
export const clientHello = struct({
  version: uint16,
  random,
  sessionId,
  cookie: opaqueVector({ min: 0, max: 255 }),
  cipherSuites: list(uint16, { min: 2, max: 2 ** 16 - 2 }),
  compressionMethods: opaqueVector({ min: 1, max: 255 }),
  extensions: extensionsIn(CLIENT_EXTENSIONS, 'ignore'),
});
export type ClientHello = ValueOf<typeof clientHello>;

/** RFC 6347 §4.2.1 */
export const helloVerifyRequest = struct({ version: uint16, cookie: opaqueVector({ min: 0, max: 255 }) });

/** RFC 5246 §7.4.1.3 */
export const serverHello = struct({
  version: uint16,
  random,
  sessionId,
  cipherSuite: uint16,
  compressionMethod: uint8,
  extensions: extensionsIn(SERVER_EXTENSIONS, 'refuse'),
});
export type ServerHello = ValueOf<typeof serverHello>;

/** RFC 5246 §7.4.2 */
export const x509Certificate = list(opaqueVector({ min: 1, max: 2 ** 24 - 1 }), upTo24Bits);

/** RFC 7250 §3; empty for a client that has none */
export const rawPublicKeyCertificate = opaqueVector(upTo24Bits);

const publicKey = opaqueVector({ min: 1, max: 255 });

/** ServerECDHParams, RFC 8422 §5.4 */
export const ecdhParams = struct({ curveType: uint8, group: uint16, publicKey });

/** RFC 5246 §4.7 */
const digitallySigned = struct({ algorithm: uint16, signature: opaqueVector(upTo16Bits) });

/** RFC 4279 §2, RFC 5489 §2, RFC 8422 §5.4 */
export const serverKeyExchange = {
  psk: struct({ hint: opaqueVector(upTo16Bits) }),
  ecdhe_psk: struct({ hint: opaqueVector(upTo16Bits), params: ecdhParams }),
  ecdhe_ecdsa: struct({ params: ecdhParams, signed: digitallySigned }),
} as const satisfies Record<KeyExchange, Field<unknown>>;

/** RFC 4279 §2, RFC 5489 §2, RFC 8422 §5.7 */
export const clientKeyExchange = {
  psk: struct({ identity: opaqueVector(upTo16Bits) }),
  ecdhe_psk: struct({ identity: opaqueVector(upTo16Bits), publicKey }),
  ecdhe_ecdsa: struct({ publicKey }),
} as const satisfies Record<KeyExchange, Field<unknown>>;

/** RFC 5246 §7.4.4 */
export const certificateRequest = struct({
  certificateTypes: opaqueVector({ min: 1, max: 255 }),
  signatureAlgorithms: list(uint16, { min: 2, max: 2 ** 16 - 2 }),
  authorities: list(opaqueVector({ min: 1, max: 2 ** 16 - 1 }), upTo16Bits),
});

/** RFC 5246 §7.4.8 */
export const certificateVerify = digitallySigned;

/** RFC 5246 §7.4.9 */
export const finished = opaque(12);

/** What the body of each message may be: more than one where earlier messages decide. */
export const HANDSHAKE_BODIES: Readonly<Record<HandshakeType, readonly Field<unknown>[]>> = {
  hello_request: [nothing],
  client_hello: [clientHello],
  server_hello: [serverHello],
  hello_verify_request: [helloVerifyRequest],
  certificate: [x509Certificate, rawPublicKeyCertificate],
  server_key_exchange: Object.values(serverKeyExchange),
  certificate_request: [certificateRequest],
  server_hello_done: [nothing],
  certificate_verify: [certificateVerify],
  client_key_exchange: Object.values(clientKeyExchange),
  finished: [finished],
};
