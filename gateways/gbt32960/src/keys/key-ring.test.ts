import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { temporaryFile } from '@portico/core/testing';
import { gbt32960Config } from '../config.js';
import { gbt32960Gateway } from '../gateway.js';
import { SM2_PUBLIC_KEY } from './testing.js';

const KEY = '000102030405060708090a0b0c0d0e0f';
const { publicKey: OTHER_CURVE, privateKey: NO_RSA_KEY } = generateKeyPairSync('ec', {
  namedCurve: 'secp384r1',
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const { privateKey: LOCKED_KEY } = generateKeyPairSync('rsa', {
  modulusLength: 1024,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
});

function check(config: Record<string, unknown>): void {
  gbt32960Gateway.checkFiles?.(gbt32960Config.parse(config));
}

const LINES: readonly (readonly [string, RegExp])[] = [
  [
    'V1',
    /:2 \(gateways.gbt32960.vehicle_keys_file\): a VIN, one of aes128, sm4, public, and a key are needed$/,
  ],
  ['V1 aes128', /: a VIN/],
  [`V1 aes256 ${KEY}`, /: a VIN/],
  [`V1 aes128 ${KEY} more`, /: a VIN/],
  ['V1 sm4 0011', /: 32 hexadecimal digits are needed$/],
  [`V1 sm4 ${KEY}0`, /: 32 hexadecimal digits are needed$/],
  ['V1 public AAAA', /: a public key of SM2, RSA or P-256 is needed, as SubjectPublicKeyInfo in base64$/],
  [`V1 public ${SM2_PUBLIC_KEY.slice(0, 80)}`, /: a public key of SM2/],
  [`V1 public ${OTHER_CURVE.toString('base64')}`, /: a public key of SM2/],
];

for (const [line, message] of LINES) {
  test(`"${line.slice(0, 30)}" is no line of a file of keys`, () => {
    const config = { vehicle_keys_file: temporaryFile(`# keys\n${line}\n`) };
    assert.throws(() => check(config), { code: 'PORTICO_ERR_VEHICLE_KEYS', message });
  });
}

test('a file of keys that cannot be read is named with its key', () => {
  const path = '/nowhere/keys';
  for (const [config, key] of [
    [{ vehicle_keys_file: path }, 'vehicle_keys_file'],
    [{ decryption: { rsa_key_file: path } }, 'decryption.rsa_key_file'],
    [{ decryption: { sm2_key_file: path } }, 'decryption.sm2_key_file'],
  ] as const) {
    const message = `the keys of vehicles cannot be read: ${path} (gateways.gbt32960.${key}): no such file`;
    assert.throws(() => check(config), { code: 'PORTICO_ERR_VEHICLE_KEYS', message });
  }
});

for (const [key, cipher] of [
  ['rsa_key_file', 'RSA'],
  ['sm2_key_file', 'SM2'],
] as const) {
  test(`a file that has no private key of ${cipher} is named with its key and what is needed`, () => {
    for (const text of [NO_RSA_KEY, LOCKED_KEY, 'nothing', '']) {
      const path = temporaryFile(text);
      const reason = `it is no private key of ${cipher} in PEM without password`;
      const message = `the keys of vehicles cannot be read: ${path} (gateways.gbt32960.decryption.${key}): ${reason}`;
      const code = 'PORTICO_ERR_VEHICLE_KEYS';
      assert.throws(() => check({ decryption: { [key]: path } }), { code, message });
    }
  });
}
