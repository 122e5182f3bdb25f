import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExchangeAnswer } from '../types.js';
import { createScramAuthenticators } from './scram-authenticator.js';
import { scramConfigSchema } from './scram-config.js';
import { formatScramCredentials, type ScramMechanism, scramCredentials } from './scram-credentials.js';
import { ScramClient } from './testing.js';

const HASH = formatScramCredentials(await scramCredentials('SCRAM-SHA-1', 'pencil', 5000));
const ANN = { username: 'ann', password: 'pencil' };

function issuesOf(section: unknown): string[] {
  const result = scramConfigSchema.safeParse(section);
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('what holds when only users are written down', () => {
  assert.deepEqual(scramConfigSchema.parse({ users: [ANN] }), {
    mechanisms: ['SCRAM-SHA-256', 'SCRAM-SHA-512'],
    iterations: 4096,
    users: [{ username: 'ann', isSuperuser: false, secret: { kind: 'plain', password: 'pencil' } }],
  });
});

/** A section and what the operator reads about it, key first. */
const WRONG: readonly (readonly [section: unknown, issue: RegExp])[] = [
  [{}, /^users: /],
  [{ users: [] }, /^users: /],
  [{ users: [ANN], mechanisms: [] }, /^mechanisms: /],
  [
    { users: [ANN], mechanisms: ['SCRAM-SHA-256', 'SCRAM-SHA-256'] },
    /^mechanisms: a mechanism stands here twice/,
  ],
  [{ users: [ANN], mechanisms: ['SCRAM-SHA-256-PLUS'] }, /^mechanisms\.0: .*"SCRAM-SHA-256"/],
  [{ users: [ANN], iterations: 4095 }, /^iterations: .*4096/],
  [{ users: [ANN], iterations: 1_000_001 }, /^iterations: .*1000000/],
  [{ users: [{ username: 'ann' }] }, /^users\.0: a user has either password_hash or password/],
  [
    { users: [{ ...ANN, password_hash: HASH }], mechanisms: ['SCRAM-SHA-1'] },
    /^users\.0: a user has either password_hash or password/,
  ],
  [{ users: [ANN, ANN] }, /^users\.1: there are two users with username "ann"/],
  [
    { users: [{ username: 'ann', password_hash: HASH }] },
    /^users\.0: .* for SCRAM-SHA-1, which is not among/,
  ],
  [{ users: [{ username: 'ann', password_hash: '$scrypt$' }] }, /^users\.0\.password_hash: a SCRAM hash is/],
  [{ users: [{ username: 'ann', password: '' }] }, /^users\.0\.password: a password is not empty/],
  [{ users: [{ username: 'ann', password: 'a\0b' }] }, /^users\.0\.password: .*control characters/],
  [{ users: [{ ...ANN, username: '' }] }, /^users\.0\.username: a user name is not empty/],
  [{ users: [{ ...ANN, username: '\u2168' }] }, /^users\.0\.username: .* taken for "IX": write it so/],
  [{ users: [{ ...ANN, username: 'x'.repeat(256) }] }, /^users\.0\.username: .* at most 255 bytes/],
  [{ users: [{ ...ANN, clientid: 'c' }] }, /^users\.0: Unrecognized key: "clientid"/],
];

for (const [section, issue] of WRONG) {
  test(`${JSON.stringify(section).slice(0, 100)} is refused`, () => {
    const issues = issuesOf(section);
    assert.ok(
      issues.some((text) => issue.test(text)),
      issues.join('\n'),
    );
  });
}

test('no issue repeats a password', () => {
  const issues = issuesOf({ users: [{ username: 'a', password: 'hunter2\0', password_hash: 'hunter2' }] });
  assert.notEqual(issues.length, 0);
  assert.doesNotMatch(issues.join(), /hunter2/);
});

test('there is a source for each mechanism, with the users that have a password for it', async () => {
  const config = scramConfigSchema.parse({
    mechanisms: ['SCRAM-SHA-1', 'SCRAM-SHA-512'],
    iterations: 4097,
    users: [ANN, { username: 'root', password_hash: HASH, is_superuser: true }],
  });
  const sources = await createScramAuthenticators(config);
  const login = async (method: ScramMechanism, username: string): Promise<ExchangeAnswer> => {
    const client = new ScramClient(method, username, 'pencil');
    const exchange = sources.find((source) => source.method === method)?.start();
    const challenge = exchange?.next(client.first());
    assert.equal(challenge?.answer, 'continue');
    const iterations = username === 'ann' || method === 'SCRAM-SHA-512' ? 4097 : 5000;
    assert.match(`${challenge.data}`, new RegExp(`,i=${iterations}$`));
    const answer = exchange?.next(await client.final(challenge.data));
    assert.ok(answer !== undefined);
    return answer;
  };
  assert.equal((await login('SCRAM-SHA-1', 'ann')).answer, 'allow');
  assert.equal((await login('SCRAM-SHA-512', 'ann')).answer, 'allow');
  const root = await login('SCRAM-SHA-1', 'root');
  assert.ok(root.answer === 'allow' && root.isSuperuser);
  assert.equal((await login('SCRAM-SHA-512', 'root')).answer, 'deny');
  assert.deepEqual(
    sources.map(({ method }) => method),
    ['SCRAM-SHA-1', 'SCRAM-SHA-512'],
  );
});
