import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PasswordChecker } from './password-checker.js';
import { isSlow, type PasswordScheme, parsePasswordScheme } from './password-scheme.js';

const checker = new PasswordChecker();

function schemeOf(text: string): PasswordScheme {
  const scheme = parsePasswordScheme(text);
  if ('error' in scheme) assert.fail(scheme.error);
  return scheme;
}

function check(scheme: string, hash: string, salt: string, shown: string) {
  return checker.check({ scheme: schemeOf(scheme), hash, salt: Buffer.from(salt) }, Buffer.from(shown));
}

/** What is stored of the password `public` with the salt `salt1`. */
const FAST: readonly (readonly [scheme: string, hash: string])[] = [
  ['plain', 'public'],
  ['salt,plain', 'salt1public'],
  ['plain,salt', 'publicsalt1'],
  ['md5', '4c9184f37cff01bcdc32dc486ec36961'],
  ['salt,md5', '730497171350f02f0e8c0f27a9a4f7dc'],
  ['ripemd160', '8ae824b3a27a8dde4a0c17b3d7a1dcd23c467789'],
  ['sha', '61c9b2b17db77a27841bbeeabff923448b0f6388'],
  ['salt,sha', '22028c6951758b00719735b9b7a4fa3ac316bfff'],
  ['sha224', '888fad770c3a27c39b480fff6350198462b46ff1d4bd01a6ee7dc24e'],
  ['sha256', 'efa1f375d76194fa51a3556a97e641e61685f914d446979da50a551a4333ffd7'],
  ['salt,sha256', 'e521d0c9f195a93eaaf68021b9529071b4138685e46b35b5bc27b2b4e2a67652'],
  ['sha256,salt', '081d096e5020914bf037d7922a38ad4663804004e55a519a7afe92001de6e2cc'],
  [
    'sha384',
    'b7ed5de11073842b80b594b8e56a4cee3a860a63fc1732746eb195d3838e24cd33b7c456f823d831620b97315680f4aa',
  ],
  [
    'salt,sha512',
    '42013dfa310a88580380a54bccde52ab3a7794c2e8f96a0ce736592261ec7d14c4f72eb1afa4221ff94fe240c05dfbf77c01b36720a360f8e9a13af11bf7c635',
  ],
];

for (const [scheme, hash] of FAST) {
  test(`a password stored as "${scheme}" is checked at once`, () => {
    assert.equal(check(scheme, hash, 'salt1', 'public'), 'right');
    assert.equal(check(scheme, hash, 'salt1', 'Public'), 'wrong');
    assert.equal(check(scheme, hash, 'salt1', ''), 'wrong');
  });
}

/** As above; the bcrypt hash is one of the known vectors, of the password `U*U`. */
const SLOW: readonly (readonly [scheme: string, hash: string, password: string])[] = [
  ['pbkdf2,sha256,1000,20', '6ad36ffd97a93f27df7f069cf393810fcf9e5fad', 'public'],
  ['pbkdf2,sha512,10,16', '1c6639100390185e299d797ee1a45c24', 'public'],
  ['pbkdf2,md5,10,16', '807d30144d683c04ba4b43c685c6ef61', 'public'],
  ['bcrypt', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  ['salt,bcrypt', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
];

for (const [scheme, hash, password] of SLOW) {
  test(`a password stored as "${scheme}" is checked off the event loop`, async () => {
    const pending = check(scheme, hash, 'salt1', password);
    assert.ok(pending instanceof Promise);
    assert.equal(await pending, 'right');
    assert.equal(await check(scheme, hash, 'salt1', `${password}!`), 'wrong');
  });
}

test('hex digits of a stored hash may be of either case', () => {
  assert.equal(check('md5', '4C9184F37CFF01BCDC32DC486EC36961', '', 'public'), 'right');
});

test('a stored hash that is none fits no password', async () => {
  for (const hash of ['', 'zz', '4c9184f37cff01bcdc32dc486ec3696', '4c9184f37cff01bcdc32dc486ec3696g']) {
    assert.equal(check('md5', hash, '', 'public'), 'wrong');
    assert.equal(await check('pbkdf2,md5,1,16', hash, '', 'public'), 'wrong');
    assert.equal(await check('bcrypt', hash, '', 'public'), 'wrong');
  }
});

test('only schemes made to take long are slow', () => {
  const slow = ['plain', 'sha512,salt', 'bcrypt', 'pbkdf2,sha,1,20'].map((text) => isSlow(schemeOf(text)));
  assert.deepEqual(slow, [false, false, true, true]);
});

for (const text of [
  '',
  'salt',
  'md4',
  'sh256',
  'sha256,sha256',
  'salt,sha256,salt',
  'bcrypt,salt',
  'sha256,pepper',
  'toString',
  'pbkdf2',
  'pbkdf2,md4,1000,20',
  'pbkdf2,sha256,0,20',
  'pbkdf2,sha256,1e99,20',
  'pbkdf2,sha256,1000,0',
  'pbkdf2,sha256,1000,513',
  'pbkdf2,sha256,1000,20,1',
]) {
  test(`"${text}" is no way to store passwords`, () => {
    assert.match(
      (parsePasswordScheme(text) as { error?: string }).error ?? '',
      /is wrong: a password hash is/,
    );
  });
}
