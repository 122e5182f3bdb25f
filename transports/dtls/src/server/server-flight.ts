import { CIPHER_SUITES } from '../cipher-suites.js';
import type { ServerCredentials } from '../contract.js';
import type { Agreement } from '../handshake/agreement.js';
import { ecdhParamsOf, signedParams } from '../handshake/ecdhe.js';
import {
  CERTIFICATE_TYPES,
  EMPTY_RENEGOTIATION_INFO_SCSV,
  type ServerExtensions,
  UNCOMPRESSED,
} from '../handshake/extensions.js';
import {
  type ClientHello,
  certificateRequest,
  ECDSA_SHA256,
  ECDSA_SIGN,
  NULL_COMPRESSION,
  rawPublicKeyCertificate,
  serverHello,
  serverKeyExchange,
  x509Certificate,
} from '../handshake/messages.js';
import type { Outgoing } from '../handshake/outgoing.js';
import { type CertificateTypeName, signWith, spkiOf } from '../handshake/presented-key.js';
import type { Transcript } from '../handshake/transcript.js';
import type { EphemeralKey } from '../keys/groups.js';
import { DTLS_1_2 } from '../record/record.js';
import { encodeField } from '../wire/fields.js';
import { type Choice, serverNameOf } from './negotiation.js';
import type { Offer } from './offer.js';

const NO_BYTES = Buffer.alloc(0);

/** What the messages of a server's first flight are made of. */
export interface FlightContents {
  readonly hello: ClientHello;
  readonly agreement: Agreement;
  readonly sessionId: Buffer;
}

/** As before, for a full handshake. */
export interface FullFlightContents extends FlightContents {
  readonly offer: Offer;
  readonly choice: Choice;
  /** For ECDHE; undefined with plain PSK. */
  readonly ephemeral: EphemeralKey | undefined;
}

/** Adds ServerHello, and to its extensions what a full handshake chooses. */
export function addServerHello(
  contents: FlightContents,
  outgoing: Outgoing,
  transcript: Transcript,
  chosen: ServerExtensions = {},
): void {
  const { hello, agreement, sessionId } = contents;
  const body = encodeField(serverHello, {
    version: DTLS_1_2,
    random: agreement.randoms.server,
    sessionId,
    cipherSuite: CIPHER_SUITES[agreement.cipherSuite].id,
    compressionMethod: NULL_COMPRESSION,
    extensions: { ...commonExtensions(hello, agreement), ...chosen },
  });
  transcript.add(outgoing.addMessage('server_hello', body));
}

/** Adds the messages from ServerHello to ServerHelloDone (RFC 5246 §7.3). */
export function addFullFlight(
  contents: FullFlightContents,
  outgoing: Outgoing,
  transcript: Transcript,
): void {
  const { choice, offer } = contents;
  addServerHello(contents, outgoing, transcript, chosenExtensions(contents));
  if (choice.serverType !== undefined) {
    const body = certificateBody(choice.serverType, offer.credentials);
    transcript.add(outgoing.addMessage('certificate', body));
  }
  const keyExchange = keyExchangeBody(contents);
  if (keyExchange !== undefined) transcript.add(outgoing.addMessage('server_key_exchange', keyExchange));
  if (choice.clientType !== undefined) {
    transcript.add(outgoing.addMessage('certificate_request', requestBody(offer)));
  }
  transcript.add(outgoing.addMessage('server_hello_done', NO_BYTES));
}

/** RFC 5746 §3.6, RFC 7627 §5.1, RFC 9146 §3, RFC 9853 §4 */
function commonExtensions({ extensions, cipherSuites }: ClientHello, agreement: Agreement): ServerExtensions {
  const knowsRenegotiation =
    extensions.renegotiationInfo !== undefined || cipherSuites.includes(EMPTY_RENEGOTIATION_INFO_SCSV);
  return {
    extendedMasterSecret: agreement.extendedMasterSecret ? true : undefined,
    connectionId: agreement.ownCid,
    returnRoutabilityCheck: agreement.returnRoutabilityCheck ? true : undefined,
    renegotiationInfo: knowsRenegotiation ? NO_BYTES : undefined,
  };
}

/** RFC 6066 §3, RFC 8422 §5.2, RFC 7250 §4.2: certificate types where the client has spoken of them */
function chosenExtensions({ hello, choice }: FullFlightContents): ServerExtensions {
  const { serverType, clientType } = choice;
  const { extensions } = hello;
  const tells = (type: CertificateTypeName | undefined, asked: Buffer | undefined) =>
    type === undefined || asked === undefined ? undefined : CERTIFICATE_TYPES[type];
  return {
    serverName: serverNameOf(hello) === undefined ? undefined : true,
    ecPointFormats:
      choice.group === undefined || extensions.ecPointFormats === undefined
        ? undefined
        : Buffer.from([UNCOMPRESSED]),
    serverCertificateType: tells(serverType, extensions.serverCertificateTypes),
    clientCertificateType: tells(clientType, extensions.clientCertificateTypes),
  };
}

function certificateBody(type: CertificateTypeName, { certificate, rawKey }: ServerCredentials): Buffer {
  if (type === 'x509') return encodeField(x509Certificate, certificate?.chain ?? []);
  return encodeField(rawPublicKeyCertificate, rawKey === undefined ? NO_BYTES : spkiOf(rawKey));
}

/** Undefined when there is nothing to say: a PSK without a hint (RFC 4279 §2). */
function keyExchangeBody({ agreement, choice, offer, ephemeral }: FullFlightContents): Buffer | undefined {
  const { psk, certificate, rawKey } = offer.credentials;
  const hint = Buffer.from(psk?.hint ?? '');
  if (choice.group === undefined || ephemeral === undefined) {
    return hint.length === 0 ? undefined : encodeField(serverKeyExchange.psk, { hint });
  }
  const params = ecdhParamsOf(choice.group, ephemeral);
  const privateKey = choice.serverType === 'x509' ? certificate?.privateKey : rawKey;
  if (choice.serverType === undefined || privateKey === undefined) {
    return encodeField(serverKeyExchange.ecdhe_psk, { hint, params });
  }
  const signed = signWith(privateKey, signedParams(agreement.randoms, params));
  return encodeField(serverKeyExchange.ecdhe_ecdsa, { params, signed });
}

function requestBody({ clients }: Offer): Buffer {
  return encodeField(certificateRequest, {
    certificateTypes: Buffer.from([ECDSA_SIGN]),
    signatureAlgorithms: [ECDSA_SHA256],
    authorities: clients.authorities ?? [],
  });
}
