import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { gbt32960Config } from '../config.js';
import { gbt32960Gateway } from '../gateway.js';
import { keyFile } from './testing.js';

const KEY = '000102030405060708090a0b0c0d0e0f';
const { publicKey: OTHER_CURVE, privateKey: NO_RSA_KEY } = generateKeyPairSync('ec', {
  namedCurve: 'secp384r1',
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

function check(config: Record<string, unknown>): void {
  gbt32960Gateway.checkFiles?.(gbt32960Config.parse(config));
}

const LINES: readonly (readonly [string, RegExp])[] = [
  ['V1', /:2: a VIN, one of aes128, sm4, public, and a key are needed$/],
  ['V1 aes128', /:2: a VIN/],
  [`V1 aes256 ${KEY}`, /:2: a VIN/],
  [`V1 aes128 ${KEY} more`, /:2: a VIN/],
  ['V1 sm4 0011', /:2: 32 hexadecimal digits are needed$/],
  [`V1 sm4 ${KEY}0`, /:2: 32 hexadecimal digits are needed$/],
  ['V1 public AAAA', /:2: /],
  [`V1 public ${OTHER_CURVE.toString('base64')}`, /:2: a public key of SM2, RSA or P-256 is needed$/],
];

for (const [line, message] of LINES) {
  test(`"${line.slice(0, 30)}" is no line of a file of keys`, () => {
    const config = { vehicle_keys_file: keyFile(`# keys\n${line}\n`) };
    assert.throws(() => check(config), { code: 'PORTICO_ERR_VEHICLE_KEYS', message });
  });
}

test('a file of keys that is none is named', () => {
  const code = 'PORTICO_ERR_VEHICLE_KEYS';
  const missing = '/nowhere/keys';
  assert.throws(() => check({ vehicle_keys_file: missing }), { code, message: /nowhere.*no such file$/ });
  for (const key of ['rsa_key_file', 'sm2_key_file']) {
    assert.throws(() => check({ decryption: { [key]: missing } }), { code, message: /no such file$/ });
    const wrong = { decryption: { [key]: keyFile(NO_RSA_KEY) } };
    assert.throws(() => check(wrong), { code, message: /it is no key of (RSA|SM2)$/ });
    assert.throws(() => check({ decryption: { [key]: keyFile('nothing') } }), { code });
  }
});
