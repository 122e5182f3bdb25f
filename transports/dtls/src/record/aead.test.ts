import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { CIPHER_SUITES } from '../cipher-suites.js';
import { type Aead, makeAead } from './aead.js';
import { Ccm } from './ccm.js';

const SUITES = {
  'aes-128-ccm with 8 bytes': CIPHER_SUITES.TLS_PSK_WITH_AES_128_CCM_8,
  'aes-128-ccm with 16 bytes': CIPHER_SUITES.TLS_PSK_WITH_AES_128_CCM,
  'aes-128-gcm with 16 bytes': CIPHER_SUITES.TLS_PSK_WITH_AES_128_GCM_SHA256,
};

interface Sample {
  readonly key: Buffer;
  readonly nonce: Buffer;
  readonly additional: Buffer;
  readonly text: Buffer;
}

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

const sample: fc.Arbitrary<Sample> = fc.record({
  key: bytes(16),
  nonce: bytes(12),
  additional: fc.uint8Array({ minLength: 1, maxLength: 60 }).map((array) => Buffer.from(array)),
  text: fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
});

function sealed(aead: Aead, { nonce, additional, text }: Sample): Buffer {
  const record = Buffer.concat([text, Buffer.alloc(aead.tagLength)]);
  aead.seal(nonce, additional, record);
  return record;
}

/** The same by the cipher of OpenSSL. */
function reference(mode: 'ccm' | 'gcm', tagLength: number, { key, nonce, additional, text }: Sample): Buffer {
  const options = { authTagLength: tagLength };
  const cipher =
    mode === 'ccm'
      ? createCipheriv('aes-128-ccm', key, nonce, options)
      : createCipheriv('aes-128-gcm', key, nonce, options);
  cipher.setAAD(additional, { plaintextLength: text.length });
  const body = cipher.update(text);
  cipher.final();
  return Buffer.concat([body, cipher.getAuthTag()]);
}

test('NIST SP 800-38C, example 3: nonce of 12 bytes, tag of 8', () => {
  const aead = new Ccm(Buffer.from('404142434445464748494a4b4c4d4e4f', 'hex'), 8);
  const nonce = Buffer.from('101112131415161718191a1b', 'hex');
  const additional = Buffer.from('000102030405060708090a0b0c0d0e0f10111213', 'hex');
  const text = Buffer.from('202122232425262728292a2b2c2d2e2f3031323334353637', 'hex');
  const expected = 'e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951';
  assert.equal(sealed(aead, { key: text, nonce, additional, text }).toString('hex'), expected);
});

for (const [name, suite] of Object.entries(SUITES)) {
  test(`${name}: what one object seals in turn is what OpenSSL makes of it, and opens again`, () => {
    const run = (samples: Sample[], key: Buffer) => {
      const sealer = makeAead(suite, key);
      const opener = makeAead(suite, key);
      for (const one of samples) {
        const record = sealed(sealer, one);
        assert.deepEqual(record, reference(suite.mode, suite.tagLength, { ...one, key }));
        assert.ok(opener.open(one.nonce, one.additional, record));
        assert.deepEqual(record.subarray(0, one.text.length), one.text);
      }
    };
    fc.assert(fc.property(fc.array(sample, { minLength: 1, maxLength: 5 }), bytes(16), run), { seed: 3610 });
  });

  test(`${name}: a change anywhere is found, leaves the bytes alone and harms no later record`, () => {
    fc.assert(
      fc.property(sample, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, change) => {
        const record = sealed(makeAead(suite, one.key), one);
        const opener = makeAead(suite, one.key);
        const forged = Buffer.from(record);
        forged[at % forged.length] = (forged[at % forged.length] as number) ^ change;
        const before = Buffer.from(forged);
        assert.equal(opener.open(one.nonce, one.additional, forged), false);
        assert.deepEqual(forged, before);
        assert.equal(
          opener.open(one.nonce, Buffer.concat([one.additional, before]), Buffer.from(record)),
          false,
        );
        assert.equal(opener.open(one.nonce, one.additional, record), true);
      }),
      { seed: 6655 },
    );
  });

  test(`${name}: the longest record there is`, () => {
    const text = Buffer.alloc(2 ** 14, 7);
    const one = {
      key: Buffer.alloc(16, 1),
      nonce: Buffer.alloc(12, 2),
      additional: Buffer.alloc(43, 3),
      text,
    };
    assert.deepEqual(sealed(makeAead(suite, one.key), one), reference(suite.mode, suite.tagLength, one));
  });
}
