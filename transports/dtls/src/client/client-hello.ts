import { CIPHER_SUITES, type CipherSuite, type CipherSuiteName } from '../cipher-suites.js';
import type { DtlsClientOptions } from '../contract.js';
import type { Agreement } from '../handshake/agreement.js';
import {
  CERTIFICATE_TYPES,
  type ClientExtensions,
  HOST_NAME,
  UNCOMPRESSED,
} from '../handshake/extensions.js';
import { HandshakeFailure } from '../handshake/failure.js';
import { type ClientHello, ECDSA_SHA256, NULL_COMPRESSION, type ServerHello } from '../handshake/messages.js';
import type { CertificateTypeName } from '../handshake/presented-key.js';
import { keepCopy } from '../keep-copy.js';
import { GROUPS } from '../keys/groups.js';
import { DTLS_1_2 } from '../record/record.js';

/** What a ServerHello takes of our offer. */
export interface Acceptance {
  readonly agreement: Agreement;
  readonly resumed: boolean;
  readonly serverType: CertificateTypeName;
  readonly clientType: CertificateTypeName;
}

const NO_BYTES = Buffer.alloc(0);
const ALL_SUITES = Object.keys(CIPHER_SUITES) as CipherSuiteName[];

/** The cipher suites that the client's credential serves, its favourite first. */
function suitesOf({ cipherSuites = ALL_SUITES, credentials }: DtlsClientOptions): CipherSuiteName[] {
  const withPsk = credentials.kind === 'psk';
  return cipherSuites.filter((name) => {
    const { keyExchange }: CipherSuite = CIPHER_SUITES[name];
    return withPsk === (keyExchange !== 'ecdhe_ecdsa');
  });
}

/** What the client says first (RFC 5246 §7.4.1.2). */
export function makeClientHello(options: DtlsClientOptions, random: Buffer, cookie: Buffer): ClientHello {
  return {
    version: DTLS_1_2,
    random,
    sessionId: options.ticket?.sessionId ?? NO_BYTES,
    cookie,
    cipherSuites: suitesOf(options).map((name) => CIPHER_SUITES[name].id),
    compressionMethods: Buffer.from([NULL_COMPRESSION]),
    extensions: extensionsOf(options),
  };
}

/** @throws HandshakeFailure when the server takes what was not offered */
export function readServerHello(
  server: ServerHello,
  client: ClientHello,
  options: DtlsClientOptions,
): Acceptance {
  if (server.version !== DTLS_1_2) {
    throw new HandshakeFailure(
      'nothing_in_common',
      'protocol_version',
      `version 0x${server.version.toString(16)}`,
    );
  }
  const cipherSuite = suitesOf(options).find((name) => CIPHER_SUITES[name].id === server.cipherSuite);
  if (cipherSuite === undefined) throw illegal(`cipher suite 0x${server.cipherSuite.toString(16)}`);
  if (server.compressionMethod !== NULL_COMPRESSION) throw illegal('compression');
  requireAskedFor(server, client);
  const { extensions } = server;
  const extendedMasterSecret = extensions.extendedMasterSecret === true;
  const resumed = isResumed(server, cipherSuite, extendedMasterSecret, options);
  return {
    agreement: {
      cipherSuite,
      randoms: { client: client.random, server: server.random },
      extendedMasterSecret,
      ownCid: extensions.connectionId !== undefined ? client.extensions.connectionId : undefined,
      peerCid: extensions.connectionId !== undefined ? keepCopy(extensions.connectionId) : undefined,
      returnRoutabilityCheck: extensions.returnRoutabilityCheck === true,
    },
    resumed,
    serverType: typeOf(extensions.serverCertificateType, client.extensions.serverCertificateTypes),
    clientType: typeOf(extensions.clientCertificateType, client.extensions.clientCertificateTypes),
  };
}

function extensionsOf(options: DtlsClientOptions): ClientExtensions {
  const { credentials, serverName, serverTypes, connectionId } = options;
  const withGroups = suitesOf(options).some((name) => CIPHER_SUITES[name].keyExchange !== 'psk');
  const ownTypes = credentials.kind === 'rawPublicKey' ? (['rawPublicKey'] as const) : undefined;
  return {
    serverNames:
      serverName === undefined ? undefined : [{ type: HOST_NAME, name: Buffer.from(serverName, 'latin1') }],
    supportedGroups: withGroups ? GROUPS.map(({ id }) => id) : undefined,
    ecPointFormats: withGroups ? Buffer.from([UNCOMPRESSED]) : undefined,
    signatureAlgorithms: credentials.kind === 'psk' ? undefined : [ECDSA_SHA256],
    clientCertificateTypes: typeCodes(ownTypes),
    serverCertificateTypes: typeCodes(serverTypes),
    extendedMasterSecret: true,
    connectionId,
    returnRoutabilityCheck: connectionId === undefined ? undefined : true,
    renegotiationInfo: NO_BYTES,
  };
}

function typeCodes(types: readonly CertificateTypeName[] | undefined): Buffer | undefined {
  return types === undefined ? undefined : Buffer.from(types.map((type) => CERTIFICATE_TYPES[type]));
}

/** A server answers extensions and brings none of its own (RFC 5246 §7.4.1.4). */
function requireAskedFor({ extensions }: ServerHello, client: ClientHello): void {
  const asked: Readonly<Record<keyof typeof extensions, unknown>> = {
    serverName: client.extensions.serverNames,
    ecPointFormats: client.extensions.ecPointFormats,
    clientCertificateType: client.extensions.clientCertificateTypes,
    serverCertificateType: client.extensions.serverCertificateTypes,
    extendedMasterSecret: client.extensions.extendedMasterSecret,
    connectionId: client.extensions.connectionId,
    returnRoutabilityCheck: client.extensions.returnRoutabilityCheck,
    renegotiationInfo: client.extensions.renegotiationInfo,
  };
  for (const name of Object.keys(extensions) as (keyof typeof extensions)[]) {
    if (asked[name] !== undefined) continue;
    throw new HandshakeFailure('protocol', 'unsupported_extension', `${name} was not asked for`);
  }
}

/** RFC 5246 §7.4.1.3, RFC 7627 §5.3 */
function isResumed(
  { sessionId }: ServerHello,
  cipherSuite: CipherSuiteName,
  extendedMasterSecret: boolean,
  { ticket }: DtlsClientOptions,
): boolean {
  if (ticket === undefined || !sessionId.equals(ticket.sessionId)) return false;
  if (ticket.cipherSuite !== cipherSuite) throw illegal('the cipher suite of a resumed session has changed');
  if (ticket.extendedMasterSecret !== extendedMasterSecret) {
    throw new HandshakeFailure(
      'protocol',
      'handshake_failure',
      'the master secret of a resumed session differs',
    );
  }
  return true;
}

/** RFC 7250 §4.2: X.509 where the server does not say */
function typeOf(code: number | undefined, asked: Buffer | undefined): CertificateTypeName {
  if (code === undefined) return 'x509';
  if (asked?.includes(code) !== true) throw illegal(`certificate type ${code}`);
  return code === CERTIFICATE_TYPES.rawPublicKey ? 'rawPublicKey' : 'x509';
}

function illegal(detail: string): HandshakeFailure {
  return new HandshakeFailure('protocol', 'illegal_parameter', `${detail} was not offered`);
}
