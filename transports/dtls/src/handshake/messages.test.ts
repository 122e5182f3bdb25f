import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFrameError } from '@portico/frame';
import { PLAIN_HELLO } from '../testing/raw-hello.js';
import { decodeField, encodeField, type Field } from '../wire/fields.js';
import { certificateRequest, clientHello, serverHello, x509Certificate } from './messages.js';

const ECHO = Buffer.alloc(4, 1);

function refusalOf(field: Field<unknown>, bytes: Buffer): string {
  try {
    decodeField(field, bytes);
  } catch (error) {
    if (isFrameError(error)) return error.code;
    throw error;
  }
  return 'none';
}

/** A ClientHello with these bytes for extensions. */
function helloWith(extensions: string): Buffer {
  const bytes = Buffer.from(extensions, 'hex');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([encodeField(clientHello, PLAIN_HELLO), length, bytes]);
}

test('messages of all kinds, one byte short or long', () => {
  const hello = { ...PLAIN_HELLO, extensions: { connectionId: ECHO, supportedGroups: [23, 29] } };
  const messages: [Field<unknown>, Buffer][] = [
    [clientHello, encodeField(clientHello, hello)],
    [x509Certificate, encodeField(x509Certificate, [ECHO, ECHO])],
    [
      certificateRequest,
      encodeField(certificateRequest, {
        certificateTypes: Buffer.from([64]),
        signatureAlgorithms: [0x0403],
        authorities: [ECHO],
      }),
    ],
  ];
  for (const [field, bytes] of messages) {
    assert.equal(refusalOf(field, bytes), 'none');
    assert.equal(refusalOf(field, bytes.subarray(0, -1)), 'decode_error');
    assert.equal(refusalOf(field, Buffer.concat([bytes, Buffer.alloc(1)])), 'decode_error');
  }
});

test('extensions: unknown ones are passed over by a server, and refused by a client', () => {
  const hello = decodeField(clientHello, helloWith('0023' + '0000' + '0017' + '0000'));
  assert.deepEqual(hello.extensions, { extendedMasterSecret: true });
  const answer = encodeField(serverHello, {
    version: 0xfefd,
    random: PLAIN_HELLO.random,
    sessionId: Buffer.alloc(0),
    cipherSuite: 0xc0a8,
    compressionMethod: 0,
    extensions: {},
  });
  const withUnknown = Buffer.concat([answer, Buffer.from('000400230000', 'hex')]);
  assert.equal(refusalOf(serverHello, withUnknown), 'unsupported_extension');
});

test('extensions that break the rules', () => {
  for (const [hex, alert] of [
    ['00170000' + '00170000', 'illegal_parameter'],
    ['00230000' + '00230000', 'illegal_parameter'],
    ['0017000100', 'decode_error'],
    ['000a0003000117', 'decode_error'],
    ['000a00020000', 'decode_error'],
    ['000a0005000400170000', 'decode_error'],
    ['0036000205c1', 'decode_error'],
    ['0017', 'decode_error'],
  ] as const) {
    assert.equal(refusalOf(clientHello, helloWith(hex)), alert, hex);
  }
});
