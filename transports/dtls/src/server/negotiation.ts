import { CIPHER_SUITES, type CipherSuite, type CipherSuiteName } from '../cipher-suites.js';
import type { ClientAuthentication, ServerCredentials } from '../contract.js';
import { CERTIFICATE_TYPES, HOST_NAME, UNCOMPRESSED } from '../handshake/extensions.js';
import { HandshakeFailure } from '../handshake/failure.js';
import { type ClientHello, ECDSA_SHA256, NULL_COMPRESSION } from '../handshake/messages.js';
import type { CertificateTypeName } from '../handshake/presented-key.js';
import { GROUPS, type Group, P256 } from '../keys/groups.js';
import { DTLS_1_2 } from '../record/record.js';
import type { Offer } from './offer.js';

/** What the server takes of what a client offers. */
export interface Choice {
  readonly cipherSuite: CipherSuiteName;
  /** For ECDHE; undefined with plain PSK. */
  readonly group: Group | undefined;
  /** What the server shows; undefined with PSK. */
  readonly serverType: CertificateTypeName | undefined;
  /** What the client is asked for; undefined for nothing. */
  readonly clientType: CertificateTypeName | undefined;
}

/** RFC 6066 §3, RFC 1035 §2.3.4 */
const A_HOST_NAME = /^[a-z0-9._-]{1,255}$/;

/** What an absent extension stands for (RFC 7250 §4.2, RFC 8422 §4). */
const X509_ALONE = Buffer.from([CERTIFICATE_TYPES.x509]);
const P256_ALONE = [P256];

/** @throws HandshakeFailure when there is nothing that both sides have */
export function choose(hello: ClientHello, offer: Offer): Choice {
  const { extensions } = hello;
  const groups = extensions.supportedGroups ?? P256_ALONE;
  const group = GROUPS.find(({ id }) => groups.includes(id));
  const serverType = serverTypeFor(hello, offer.credentials);
  const cipherSuite = offer.cipherSuites.find((name) => {
    const suite: CipherSuite = CIPHER_SUITES[name];
    return hello.cipherSuites.includes(suite.id) && canServe(suite, hello, offer, { group, serverType });
  });
  if (cipherSuite === undefined) throw nothingInCommon('handshake_failure', 'no cipher suite in common');
  const { keyExchange }: CipherSuite = CIPHER_SUITES[cipherSuite];
  const withCertificate = keyExchange === 'ecdhe_ecdsa';
  return {
    cipherSuite,
    group: keyExchange === 'psk' ? undefined : group,
    serverType: withCertificate ? serverType : undefined,
    clientType: withCertificate ? clientTypeFor(hello, offer.clients) : undefined,
  };
}

/** The name that a client asks for, in lower case; undefined also when it is no host name. */
export function serverNameOf({ extensions }: ClientHello): string | undefined {
  const entry = extensions.serverNames?.find(({ type }) => type === HOST_NAME);
  const name = entry?.name.toString('latin1').toLowerCase();
  return name !== undefined && A_HOST_NAME.test(name) ? name : undefined;
}

/**
 * What holds for every handshake, also one that resumes a session.
 * @throws HandshakeFailure for another version, no null compression, or a renegotiation (RFC 5746 §3.6)
 */
export function requireCommonGround({ version, compressionMethods, extensions }: ClientHello): void {
  if (version > DTLS_1_2 || version >> 8 !== DTLS_1_2 >> 8) {
    throw nothingInCommon('protocol_version', `version 0x${version.toString(16)}`);
  }
  if (!compressionMethods.includes(NULL_COMPRESSION)) {
    throw new HandshakeFailure('protocol', 'illegal_parameter', 'null compression is not offered');
  }
  if (extensions.renegotiationInfo !== undefined && extensions.renegotiationInfo.length > 0) {
    throw new HandshakeFailure('protocol', 'handshake_failure', 'a renegotiation_info that is not empty');
  }
}

/** Our certificate has a key on P-256, which has to be among the client's groups (RFC 8422 §5.1). */
function canServe(
  { keyExchange }: CipherSuite,
  { extensions }: ClientHello,
  { credentials }: Offer,
  { group, serverType }: Pick<Choice, 'group' | 'serverType'>,
): boolean {
  if (keyExchange !== 'ecdhe_ecdsa' && credentials.psk === undefined) return false;
  if (keyExchange === 'psk') return true;
  if (group === undefined || extensions.ecPointFormats?.includes(UNCOMPRESSED) === false) return false;
  if (keyExchange === 'ecdhe_psk') return true;
  return (
    serverType !== undefined &&
    extensions.supportedGroups?.includes(P256) !== false &&
    extensions.signatureAlgorithms?.includes(ECDSA_SHA256) !== false
  );
}

/** The first of the client's list that there is (RFC 7250 §4.2). */
function serverTypeFor(
  { extensions }: ClientHello,
  credentials: ServerCredentials,
): CertificateTypeName | undefined {
  for (const type of extensions.serverCertificateTypes ?? X509_ALONE) {
    if (type === CERTIFICATE_TYPES.x509 && credentials.certificate !== undefined) return 'x509';
    if (type === CERTIFICATE_TYPES.rawPublicKey && credentials.rawKey !== undefined) return 'rawPublicKey';
  }
  return undefined;
}

function clientTypeFor(
  { extensions }: ClientHello,
  { request, types }: ClientAuthentication,
): CertificateTypeName | undefined {
  if (request === 'none') return undefined;
  const offered = extensions.clientCertificateTypes ?? X509_ALONE;
  const type = types.find((name) => offered.includes(CERTIFICATE_TYPES[name]));
  if (type !== undefined || request === 'optional') return type;
  throw nothingInCommon('unsupported_certificate', 'no type of client certificate in common');
}

function nothingInCommon(alert: HandshakeFailure['alert'], detail: string): HandshakeFailure {
  return new HandshakeFailure('nothing_in_common', alert, detail);
}
