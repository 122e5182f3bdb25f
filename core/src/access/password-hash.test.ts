import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PasswordChecker } from './password-checker.js';
import { hashPassword, parsePasswordHash } from './password-hash.js';
import type { StoredPassword } from './password-scheme.js';

const checker = new PasswordChecker();

function parse(text: string): StoredPassword {
  const parsed = parsePasswordHash(text);
  if ('error' in parsed) assert.fail(parsed.error);
  return parsed;
}

async function check(hash: string, password: string) {
  return checker.check(parse(hash), Buffer.from(password));
}

const HASHES: readonly (readonly [hash: string, password: string, source: string])[] = [
  ['$sha256$efa1f375d76194fa51a3556a97e641e61685f914d446979da50a551a4333ffd7', 'public', 'sha256'],
  [
    '$salt-sha256$salt1$e521d0c9f195a93eaaf68021b9529071b4138685e46b35b5bc27b2b4e2a67652',
    'public',
    'salt before',
  ],
  [
    '$sha256-salt$salt1$081d096e5020914bf037d7922a38ad4663804004e55a519a7afe92001de6e2cc',
    'public',
    'salt behind',
  ],
  ['$pbkdf2-sha256$i=1000$salt1$6ad36ffd97a93f27df7f069cf393810fcf9e5fad', 'public', 'PBKDF2'],
  ['$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U', 'bcrypt'],
  [
    '$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA',
    'password',
    'RFC 7914 §12',
  ],
];

for (const [hash, password, source] of HASHES) {
  test(`a password fits its hash: ${source}`, async () => {
    assert.equal(await check(hash, password), 'right');
    assert.equal(await check(hash, `${password} `), 'wrong');
  });
}

test('a salt may contain dollar signs and line breaks', () => {
  const salt = '$a$\n$';
  const hash = 'e521d0c9f195a93eaaf68021b9529071b4138685e46b35b5bc27b2b4e2a67652';
  assert.equal(parse(`$salt-sha256$${salt}$${hash}`).salt.toString(), salt);
});

test('a password hashed our way fits, has a salt of its own, and takes scrypt with 16 MiB', async () => {
  const [one, other] = await Promise.all([hashPassword('пароль'), hashPassword(Buffer.from('пароль'))]);
  assert.match(one, /^\$scrypt\$ln=14,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(one, other);
  assert.equal(await check(one, 'пароль'), 'right');
  assert.equal(await check(one, 'пароля'), 'wrong');
});

const HEX_16 = '807d30144d683c04ba4b43c685c6ef61';

/** Text and a word of the error that says what is wrong with it. */
const WRONG: readonly (readonly [text: string, error: RegExp])[] = [
  ['', /begins with/],
  ['public', /begins with/],
  [`$md4$${HEX_16}`, /"md4" is no hash function here/],
  [`$toString$${HEX_16}`, /begins with/],
  [`$sha256$${HEX_16}`, /64 hex digits/],
  ['$md5$807D30144D683C04BA4B43C685C6EF61', /begins with/],
  [`$md5$salt1$${HEX_16}`, /with a salt/],
  [`$salt-md5$${HEX_16}`, /with a salt/],
  [`$salt-md5-salt$s$${HEX_16}`, /with a salt/],
  ['$2b$10$tooshort', /bcrypt/],
  ['$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', /bcrypt/],
  ['$2b$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', /bcrypt/],
  [`$pbkdf2-md4$i=1$s$${HEX_16}`, /"md4" is no hash function/],
  [`$pbkdf2-md5$i=0$s$${HEX_16}`, /iterations/],
  [`$pbkdf2-md5$i=99999999$s$${HEX_16}`, /iterations/],
  [`$pbkdf2-md5$s$${HEX_16}`, /PBKDF2 hash is/],
  ['$pbkdf2-md5$i=1$s$80', /16 to 512 bytes/],
  ['$scrypt$ln=14,r=8$s$k', /scrypt hash is/],
  [`$scrypt$ln=30,r=8,p=1$TmFDbA$${'A'.repeat(43)}`, /at most 256 MB/],
  [`$scrypt$ln=0,r=8,p=1$TmFDbA$${'A'.repeat(43)}`, /at least 1/],
  [`$scrypt$ln=4,r=8,p=17$TmFDbA$${'A'.repeat(43)}`, /p of at most 16/],
  ['$scrypt$ln=4,r=8,p=1$TmFDbA$AAAA', /at least 16 bytes/],
];

for (const [text, error] of WRONG) {
  test(`"${text}" is no password hash`, () => {
    assert.match((parsePasswordHash(text) as { error?: string }).error ?? '', error);
  });
}

test('no text makes the reader of hashes throw', () => {
  const pieces = fc.constantFrom(
    '$',
    'sha256',
    'salt-',
    '-salt',
    'pbkdf2-',
    'scrypt',
    '2b',
    'i=1',
    'ab',
    ',',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces).map((parts) => parts.join('')),
  );
  fc.assert(fc.property(texts, (text) => typeof parsePasswordHash(text) === 'object'));
});
