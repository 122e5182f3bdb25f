import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import {
  PasswordChecker,
  parsePasswordHash,
  parseScramCredentials,
  type ScramMechanism,
} from '@portico/core';
import { printPasswordHash } from './hash-password.js';

/** Runs the command on this input. */
async function run(typed: string, isTTY: boolean, scram?: ScramMechanism, iterations?: number) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const written = { stdout: '', stderr: '' };
  stdin.end(typed);
  const code = await printPasswordHash({
    stdin,
    scram,
    iterations,
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { code, ...written };
}

test('the first line of the input is the password, and what is printed is a hash for the user list', async () => {
  const { code, stdout } = await run('hunter2\nmore\n', false);
  assert.equal(code, 0);
  const stored = parsePasswordHash(stdout.trimEnd());
  assert.ok(!('error' in stored));
  assert.equal(await new PasswordChecker().check(stored, Buffer.from('hunter2')), 'right');
});

test('for SCRAM it prints what that mechanism keeps, if the mechanism allows the password', async () => {
  const { code, stdout } = await run('hunter2\n', false, 'SCRAM-SHA-512');
  assert.equal(code, 0);
  const credentials = parseScramCredentials(stdout.trimEnd());
  assert.ok('mechanism' in credentials);
  assert.equal(credentials.mechanism, 'SCRAM-SHA-512');
  const refused = await run('a\tb\n', false, 'SCRAM-SHA-256');
  assert.equal(refused.code, 1);
  assert.equal(refused.stdout, '');
  assert.match(refused.stderr, /SASLprep/);
});

test('SCRAM takes as many iterations as asked for, and no number that a configuration would refuse', async () => {
  for (const [asked, made] of [
    [undefined, 4096],
    [10_000, 10_000],
  ] as const) {
    const { stdout } = await run('hunter2\n', false, 'SCRAM-SHA-256', asked);
    const credentials = parseScramCredentials(stdout.trimEnd());
    assert.ok('iterations' in credentials);
    assert.equal(credentials.iterations, made);
  }
  for (const wrong of [4095, 1_000_001, 5000.5, Number.NaN]) {
    const { code, stdout, stderr } = await run('hunter2\n', false, 'SCRAM-SHA-256', wrong);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /4096 to 1000000 iterations/);
  }
});

test('at a terminal the password is asked for twice and not shown', async () => {
  const { code, stdout, stderr } = await run('hunter2\nhunter2\n', true);
  assert.equal(code, 0);
  assert.match(stdout, /^\$scrypt\$/);
  assert.equal(stderr, 'Password: \nOnce more: \n');
});

test('no password, or two that differ, give no hash', async () => {
  const cases: [string, boolean, RegExp][] = [
    ['', false, /no password was given/],
    ['\n', false, /no password was given/],
    ['hunter2\nhunter3\n', true, /the two are not the same/],
    ['hunter2\n', true, /no password was given/],
    ['\u0003', true, /no password was given/],
  ];
  for (const [typed, isTTY, reason] of cases) {
    const { code, stdout, stderr } = await run(typed, isTTY);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, reason);
  }
});
