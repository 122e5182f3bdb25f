import type { Endpoint } from '../contract.js';
import { HANDSHAKE_HEADER, wholeMessage } from '../handshake/fragments.js';
import { type ClientHello, clientHello, HANDSHAKE_TYPES, helloVerifyRequest } from '../handshake/messages.js';
import { CONTENT, plainRecord, RECORD_HEADER } from '../record/record.js';
import { decodeField, encodeField } from '../wire/fields.js';
import type { World } from './world.js';

const NO_BYTES = Buffer.alloc(0);

/** A ClientHello that offers PSK with CCM_8 and nothing else. */
export const PLAIN_HELLO: ClientHello = {
  version: 0xfefd,
  random: Buffer.alloc(32, 0x5a),
  sessionId: NO_BYTES,
  cookie: NO_BYTES,
  cipherSuites: [0xc0a8],
  compressionMethods: Buffer.from([0]),
  extensions: {},
};

/** The datagram of a ClientHello. */
export function helloDatagram(hello: ClientHello, sequence = 0): Buffer {
  const message = wholeMessage(HANDSHAKE_TYPES.client_hello, sequence, encodeField(clientHello, hello));
  return plainRecord(CONTENT.handshake, sequence, message);
}

/** The cookie in a datagram with a HelloVerifyRequest. */
export function cookieIn(datagram: Buffer): Buffer {
  return decodeField(helloVerifyRequest, datagram.subarray(RECORD_HEADER + HANDSHAKE_HEADER)).cookie;
}

/** Goes through the exchange of cookies with a hello of one's own. @returns what the server answered to the second */
export function sayHello(world: World, hello: ClientHello, from: Endpoint): Buffer[] {
  const { toClient } = world.sent;
  const first = toClient.length;
  world.sendToServer(helloDatagram(hello), from);
  world.settle();
  const cookie = cookieIn(toClient[first] ?? NO_BYTES);
  const second = toClient.length;
  world.sendToServer(helloDatagram({ ...hello, cookie }, 1), from);
  world.settle();
  return toClient.slice(second);
}
