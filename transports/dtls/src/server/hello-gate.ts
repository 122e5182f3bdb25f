import { isFrameError } from '@portico/frame';
import type { PeerKey } from '../contract.js';
import { HANDSHAKE_HEADER, readFragment, wholeMessage } from '../handshake/fragments.js';
import { type ClientHello, clientHello, HANDSHAKE_TYPES, helloVerifyRequest } from '../handshake/messages.js';
import { CONTENT, DTLS_1_0, plainRecord, type RecordCursor } from '../record/record.js';
import { decodeField, encodeField } from '../wire/fields.js';
import { Reader } from '../wire/reader.js';
import type { Cookies } from './cookies.js';
import type { AdmittedHello } from './server-handshake.js';

/**
 * What becomes of a ClientHello: a HelloVerifyRequest to send, which is shorter than it; a hello to begin a handshake
 * with; or undefined when it is none.
 */
export type HelloOutcome =
  | { readonly kind: 'verify'; readonly datagram: Buffer }
  | ({ readonly kind: 'admitted' } & AdmittedHello)
  | undefined;

/**
 * Highest numbers of a ClientHello's message and record: the answer goes on from them (RFC 6347 §4.2.1), and has to find
 * more below 2^16 and 2^48. Clients begin with 0.
 */
const MAX_MESSAGE_SEQUENCE = 2 ** 15;
const MAX_RECORD_SEQUENCE = 2 ** 47;

/** Whether a record begins with a ClientHello. */
export function isClientHello(record: RecordCursor): boolean {
  return (
    record.type === CONTENT.handshake && record.epoch === 0 && record.body[0] === HANDSHAKE_TYPES.client_hello
  );
}

/**
 * The stateless exchange of cookies (RFC 6347 §4.2.1). A ClientHello has to be whole in one record, as nothing is kept
 * to put it together with.
 */
export function checkHello(record: RecordCursor, key: PeerKey, cookies: Cookies): HelloOutcome {
  const { body } = record;
  let hello: ClientHello;
  let messageSequence: number;
  try {
    const { length, part, sequence } = readFragment(new Reader(body));
    if (part.length !== length || body.length !== HANDSHAKE_HEADER + length) return undefined;
    if (sequence > MAX_MESSAGE_SEQUENCE || record.sequence > MAX_RECORD_SEQUENCE) return undefined;
    hello = decodeField(clientHello, part);
    messageSequence = sequence;
  } catch (error) {
    if (isFrameError(error)) return undefined;
    throw error;
  }
  if (!cookies.isRight(hello, key)) {
    return { kind: 'verify', datagram: verifyRequest(record.sequence, cookies.make(hello, key)) };
  }
  return { kind: 'admitted', hello, bytes: body, messageSequence, recordSequence: record.sequence };
}

/** With the version of DTLS 1.0 and the record sequence number of the ClientHello (RFC 6347 §4.2.1). */
function verifyRequest(recordSequence: number, cookie: Buffer): Buffer {
  const body = encodeField(helloVerifyRequest, { version: DTLS_1_0, cookie });
  const message = wholeMessage(HANDSHAKE_TYPES.hello_verify_request, 0, body);
  return plainRecord(CONTENT.handshake, recordSequence, message, DTLS_1_0);
}
