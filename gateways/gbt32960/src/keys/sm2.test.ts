import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sm2Decrypt, sm2Verify } from './sm2.js';

const bytes = (text: string) => Buffer.from(text, 'hex');

/** The example of GB/T 32918.5 A.2. */
const PUBLIC_KEY = bytes(
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
);
const MESSAGE = Buffer.from('message digest');
const R = bytes('f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3');
const S = bytes('b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa');
const ORDER = bytes('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123');

test('the signature of the standard is right', () => {
  assert.equal(sm2Verify(PUBLIC_KEY, MESSAGE, R, S), true);
});

const FORGERIES: readonly (readonly [string, Buffer, Buffer, Buffer, Buffer])[] = [
  ['another message', PUBLIC_KEY, Buffer.from('message digesT'), R, S],
  ['both numbers exchanged', PUBLIC_KEY, MESSAGE, S, R],
  ['s is 0', PUBLIC_KEY, MESSAGE, R, Buffer.alloc(32)],
  ['r is 0', PUBLIC_KEY, MESSAGE, Buffer.alloc(32), S],
  ['both are 0', PUBLIC_KEY, MESSAGE, Buffer.alloc(32), Buffer.alloc(32)],
  ['s is the order', PUBLIC_KEY, MESSAGE, R, ORDER],
  ['r is above the order', PUBLIC_KEY, MESSAGE, Buffer.alloc(32, 0xff), S],
  ['the key is no point', Buffer.alloc(65, 4), MESSAGE, R, S],
];

for (const [name, key, message, r, s] of FORGERIES) {
  test(`a signature is wrong: ${name}`, () => assert.equal(sm2Verify(key, message, r, s), false));
}

/** Made with OpenSSL: `openssl pkeyutl -encrypt`, its parts without the DER around them. */
const PRIVATE_KEY = bytes('48d35d9852cd5650f5c8e9d494c3ebb5714ae13e847efdc3785c0ab0749f5d68');
const POINT = bytes(
  '0443350c958af79d802dc07b420b2a52d5e41bc333a1037d16155b0b1bc78bfab8519cc181cbe10ba82c486f14ddf20cc1de266376605b52eadd8672fb8b5d9f97',
);
const CHECK = bytes('eb09d405781d3eb14c81dba8119badb772dc8b4178b8bf2180b6bd1f6734cd06');
const TEXT = bytes('f0a3c308041f2b743209c947');
const PLAIN = '1a0101080000040107d00001';

test('what OpenSSL has encrypted is decrypted, wherever the checksum stands', () => {
  assert.equal(sm2Decrypt(PRIVATE_KEY, Buffer.concat([POINT, CHECK, TEXT]))?.toString('hex'), PLAIN);
  assert.equal(sm2Decrypt(PRIVATE_KEY, Buffer.concat([POINT, TEXT, CHECK]))?.toString('hex'), PLAIN);
});

test('what is encrypted otherwise, or damaged, is not', () => {
  const whole = Buffer.concat([POINT, CHECK, TEXT]);
  assert.equal(sm2Decrypt(Buffer.alloc(32, 1), whole), undefined);
  for (const at of [0, 1, 40, 70, whole.length - 1]) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] as number) ^ 1;
    assert.equal(sm2Decrypt(PRIVATE_KEY, damaged), undefined);
  }
  assert.equal(sm2Decrypt(PRIVATE_KEY, whole.subarray(0, 96)), undefined);
});

test('any bytes are taken', () => {
  const any = fc.uint8Array({ maxLength: 150 }).map((found) => Buffer.from(found));
  fc.assert(
    fc.property(any, (found) => sm2Decrypt(PRIVATE_KEY, Buffer.concat([POINT, found])) === undefined),
    { numRuns: 20 },
  );
});
