import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatScramCredentials,
  parseScramCredentials,
  SCRAM_MECHANISMS,
  type ScramMechanism,
  scramCredentials,
} from './scram-credentials.js';

const SALT = Buffer.alloc(12, 'salt').toString('base64');
const KEY = Buffer.alloc(32, 'key').toString('base64');

for (const mechanism of Object.keys(SCRAM_MECHANISMS) as ScramMechanism[]) {
  test(`what is kept of a password can be written down and read again (${mechanism})`, async () => {
    const credentials = await scramCredentials(mechanism, 'pencil', 4096);
    const text = formatScramCredentials(credentials);
    assert.ok(text.startsWith(`$${mechanism.toLowerCase()}$4096$`));
    assert.deepEqual(parseScramCredentials(text), credentials);
  });
}

test('the same password twice has two salts', async () => {
  const [a, b] = [
    await scramCredentials('SCRAM-SHA-256', 'pencil', 4096),
    await scramCredentials('SCRAM-SHA-256', 'pencil', 4096),
  ];
  assert.notDeepEqual(a.salt, b.salt);
  assert.notDeepEqual(a.storedKey, b.storedKey);
});

test('passwords that SASLprep makes one are one', async () => {
  const salt = Buffer.alloc(16);
  const [a, b] = [
    await scramCredentials('SCRAM-SHA-1', 'I\u00ADX', 4096, salt),
    await scramCredentials('SCRAM-SHA-1', '\u2168', 4096, salt),
  ];
  assert.deepEqual(a, b);
  await assert.rejects(scramCredentials('SCRAM-SHA-1', '\0', 4096), TypeError);
});

/** A text and what the operator reads about it. */
const WRONG: readonly (readonly [text: string, error: RegExp])[] = [
  ['', /is \$scram-sha-256\$<iterations>/],
  [`$scram-sha-224$4096$${SALT}$${KEY}$${KEY}`, /is \$scram-sha-256\$<iterations>/],
  [`$scram-sha-256$4096$${SALT}$${KEY}`, /is \$scram-sha-256\$<iterations>/],
  [`$scram-sha-256$4096$${SALT}$${KEY}$${KEY}$`, /is \$scram-sha-256\$<iterations>/],
  [`$scram-sha-256$4095$${SALT}$${KEY}$${KEY}`, /4096 to 1000000 iterations/],
  [`$scram-sha-256$1000001$${SALT}$${KEY}$${KEY}`, /4096 to 1000000 iterations/],
  [`$scram-sha-256$4096$c2FsdA==$${KEY}$${KEY}`, /the salt is 8 to 64 bytes/],
  [`$scram-sha-256$4096$${Buffer.alloc(65).toString('base64')}$${KEY}$${KEY}`, /the salt is 8 to 64 bytes/],
  [`$scram-sha-256$4096$${SALT}*$${KEY}$${KEY}`, /the salt is 8 to 64 bytes in base64/],
  [`$scram-sha-1$4096$${SALT}$${KEY}$${KEY}`, /the keys of SCRAM-SHA-1 are 20 bytes each/],
  [`$scram-sha-256$4096$${SALT}$${KEY}$${KEY.replace('=', '')}`, /the keys of SCRAM-SHA-256 are 32 bytes/],
];

for (const [text, error] of WRONG) {
  test(`"${text}" is refused`, () => {
    const parsed = parseScramCredentials(text);
    assert.ok('error' in parsed);
    assert.match(parsed.error, error);
  });
}
