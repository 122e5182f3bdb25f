import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto';
import { test } from 'node:test';
import { isSignedBy } from './signature-algorithms.js';

const SIGNED = Buffer.from('what is signed');

/** Whether the signature of a key over {@link SIGNED} is taken. */
function isTaken(jwk: JsonWebKey): boolean {
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  const signature = sign('sha256', SIGNED, privateKey);
  const algorithm = '1.2.840.113549.1.1.11';
  const algorithmIdentifier = Buffer.alloc(0);
  return isSignedBy(
    { signed: SIGNED, algorithm, algorithmIdentifier, signature },
    createPublicKey(privateKey),
  );
}

test('an RSA key whose public exponent is as long as its modulus has signed nothing', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = privateKey.export({ format: 'jwk' });
  const { e, d } = jwk;
  assert.equal(isTaken(jwk), true);
  assert.equal(isTaken({ ...jwk, e: d, d: e, dp: e, dq: e }), false);
});
