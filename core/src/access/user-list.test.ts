import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HashQueue } from './hash-queue.js';
import { PasswordChecker } from './password-checker.js';
import { parsePasswordHash } from './password-hash.js';
import type { StoredPassword } from './password-scheme.js';
import { someCredentials } from './testing.js';
import { type User, UserList } from './user-list.js';

/** Of the password `public`. */
const FAST = '$sha256$efa1f375d76194fa51a3556a97e641e61685f914d446979da50a551a4333ffd7';
const SLOW = '$pbkdf2-sha256$i=1000$salt1$6ad36ffd97a93f27df7f069cf393810fcf9e5fad';

function user(who: { username?: string; clientid?: string; isSuperuser?: boolean }, hash = FAST): User {
  return { isSuperuser: false, password: parsePasswordHash(hash) as StoredPassword, ...who };
}

const ALLOW = { answer: 'allow', isSuperuser: false };
const BAD_CREDENTIALS = { answer: 'deny', refusal: 'bad_credentials' };
const IGNORE = { answer: 'ignore' };

test('a user with the right password comes in, with a wrong one or none not', () => {
  const users = new UserList([user({ username: 'ann' })]);
  assert.deepEqual(users.authenticate(someCredentials({ username: 'ann', password: 'public' })), ALLOW);
  assert.deepEqual(users.authenticate(someCredentials({ username: 'ann', password: 'x' })), BAD_CREDENTIALS);
  assert.deepEqual(users.authenticate(someCredentials({ username: 'ann' })), BAD_CREDENTIALS);
});

test('the identity of a pre-shared key is the username, or without one the client id', () => {
  const users = new UserList([
    { ...user({ username: 'ann', clientid: 'a' }), psk: Buffer.from('1') },
    { ...user({ clientid: 'b' }), psk: Buffer.from('2') },
    user({ username: 'bob' }),
  ]);
  assert.deepEqual(users.pskKey('ann'), Buffer.from('1'));
  assert.deepEqual(users.pskKey('b'), Buffer.from('2'));
  for (const identity of ['a', 'bob', 'nobody']) assert.equal(users.pskKey(identity), undefined);
});

test('who has a key and has proved it needs no password; without the proof there has to be one', () => {
  const users = new UserList([
    { username: 'ann', password: undefined, psk: Buffer.from('1'), isSuperuser: true },
    user({ username: 'bob' }),
  ]);
  const proven = (username: string) => ({ ...someCredentials({ username }), proven: true });
  assert.deepEqual(users.authenticate(proven('ann')), { answer: 'allow', isSuperuser: true });
  assert.deepEqual(users.authenticate(proven('bob')), BAD_CREDENTIALS);
  assert.deepEqual(users.authenticate(someCredentials({ username: 'ann', password: '1' })), BAD_CREDENTIALS);
});

test('a proof of one name is none of another', () => {
  const users = new UserList([
    { clientid: 'pump', password: undefined, psk: Buffer.from('1'), isSuperuser: true },
  ]);
  const proven = (shown: { clientId: string; username?: string }) =>
    users.authenticate({ ...someCredentials(shown), proven: true });
  assert.deepEqual(proven({ clientId: 'pump' }), { answer: 'allow', isSuperuser: true });
  assert.deepEqual(proven({ clientId: 'pump', username: 'pump' }), { answer: 'allow', isSuperuser: true });
  assert.deepEqual(proven({ clientId: 'pump', username: 'eve' }), BAD_CREDENTIALS);
});

test('clients that are not listed are left to the next source', () => {
  const users = new UserList([user({ username: 'ann' })]);
  assert.deepEqual(users.authenticate(someCredentials({ username: 'bob', password: 'public' })), IGNORE);
  assert.deepEqual(users.authenticate(someCredentials({ clientId: 'ann', password: 'public' })), IGNORE);
});

test('the client id is looked up before the username', () => {
  const other = '$md5$00000000000000000000000000000000';
  const users = new UserList([user({ username: 'ann' }), user({ clientid: 'sensor' }, other)]);
  const credentials = someCredentials({ clientId: 'sensor', username: 'ann', password: 'public' });
  assert.deepEqual(users.authenticate(credentials), BAD_CREDENTIALS);
});

test('a user with client id and username must show both', () => {
  const users = new UserList([
    user({ clientid: 'a', username: 'fleet' }),
    user({ clientid: 'b', username: 'fleet' }),
  ]);
  const shown = (clientId: string, username?: string) =>
    users.authenticate(
      someCredentials(
        username === undefined
          ? { clientId, password: 'public' }
          : { clientId, username, password: 'public' },
      ),
    );
  assert.deepEqual(shown('a', 'fleet'), ALLOW);
  assert.deepEqual(shown('b', 'fleet'), ALLOW);
  assert.deepEqual(shown('a', 'ann'), BAD_CREDENTIALS);
  assert.deepEqual(shown('a'), BAD_CREDENTIALS);
  assert.deepEqual(shown('c', 'fleet'), BAD_CREDENTIALS);
  assert.deepEqual(shown('c', 'ann'), IGNORE);
});

test('a superuser is told to be one', () => {
  const users = new UserList([user({ username: 'root', isSuperuser: true })]);
  assert.deepEqual(users.authenticate(someCredentials({ username: 'root', password: 'public' })), {
    answer: 'allow',
    isSuperuser: true,
  });
});

test('a slow hash is checked off the event loop', async () => {
  const users = new UserList([user({ username: 'ann' }, SLOW)]);
  const pending = users.authenticate(someCredentials({ username: 'ann', password: 'public' }));
  assert.ok(pending instanceof Promise);
  assert.deepEqual(await pending, ALLOW);
});

test('a password that waits to be checked is kept, though its bytes are borrowed', async () => {
  const users = new UserList([user({ username: 'ann' }, SLOW)], new PasswordChecker(new HashQueue(1, 1)));
  const credentials = someCredentials({ username: 'ann', password: 'public' });
  const answers = [users.authenticate(credentials), users.authenticate(credentials)];
  credentials.password?.fill(0);
  assert.deepEqual(await Promise.all(answers), [ALLOW, ALLOW]);
});

test('when too many passwords wait to be checked the answer is server_busy', async () => {
  const users = new UserList([user({ username: 'ann' }, SLOW)], new PasswordChecker(new HashQueue(1, 1)));
  const credentials = someCredentials({ username: 'ann', password: 'public' });
  const answers = [1, 2, 3].map(() => users.authenticate(credentials));
  assert.deepEqual(await Promise.all(answers), [ALLOW, ALLOW, { answer: 'deny', refusal: 'server_busy' }]);
});
