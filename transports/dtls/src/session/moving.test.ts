import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENT } from '../record/record.js';
import { HOME, SessionBench } from '../testing/session-bench.js';

const ownCid = Buffer.from('server');
const ELSEWHERE = { address: '10.6.6.6', port: 6 };
const { application_data, return_routability_check } = CONTENT;

/** A session whose peer has just said something from elsewhere. */
function moved(returnRoutabilityCheck: boolean): SessionBench {
  const bench = new SessionBench({}, { ownCid, returnRoutabilityCheck });
  bench.say(application_data, Buffer.from('from elsewhere'), ELSEWHERE);
  assert.deepEqual(bench.session.endpoint, ELSEWHERE);
  return bench;
}

/** Has the session send `count` datagrams of about 100 bytes. @returns how many of them were sent */
function sendMany(bench: SessionBench, count: number): number {
  for (let i = 0; i < count; i++) bench.session.send(Buffer.alloc(71));
  return bench.answers().filter(([type]) => type === application_data).length;
}

/** The cookie of the challenge that the session has sent. */
function challengeIn(bench: SessionBench): Buffer {
  const [message] = bench.answers().filter(([type]) => type === return_routability_check);
  const bytes = Buffer.from(message?.[1] ?? '', 'hex');
  assert.equal(bytes.length, 9);
  assert.equal(bytes[0], 0);
  return bytes.subarray(1);
}

function response(cookie: Buffer): Buffer {
  return Buffer.concat([Buffer.from([1]), cookie]);
}

test('before it has answered, an address gets three times as much as came from it, and a datagram', () => {
  const bench = moved(false);
  const allowed = sendMany(bench, 100);
  assert.ok(allowed >= 2 && allowed <= 3, String(allowed));
  assert.equal(bench.counters.dropped.unproven_address, 100 - allowed);
});

test('without checks, what comes after something was sent there is an answer', () => {
  const bench = moved(false);
  bench.say(application_data, Buffer.from('once more'), ELSEWHERE);
  assert.ok(sendMany(bench, 100) < 100);
  bench.say(application_data, Buffer.from('and again'), ELSEWHERE);
  assert.equal(sendMany(bench, 100), 100);
});

test('a record that is not newer is no answer', () => {
  const bench = new SessionBench({}, { ownCid });
  const old = bench.seal(application_data, Buffer.from('old'));
  bench.say(application_data, Buffer.from('new'), ELSEWHERE);
  sendMany(bench, 100);
  bench.receive(old, ELSEWHERE);
  assert.equal(sendMany(bench, 100), 0);
});

test('with checks, only the answer to the challenge is one (RFC 9853)', () => {
  const bench = moved(true);
  const cookie = challengeIn(bench);
  assert.ok(sendMany(bench, 100) < 100);
  for (const wrong of [
    Buffer.from('?'),
    response(Buffer.alloc(8)),
    response(cookie).subarray(0, -1),
    Buffer.concat([Buffer.from([2]), cookie]),
  ]) {
    bench.say(return_routability_check, wrong, ELSEWHERE);
  }
  assert.ok(sendMany(bench, 100) < 100);
  bench.say(return_routability_check, response(cookie), ELSEWHERE);
  assert.equal(sendMany(bench, 100), 100);
  assert.equal(bench.session.closed, false);
});

test('the answer to a challenge has to come from where it was sent', () => {
  const bench = moved(true);
  const cookie = challengeIn(bench);
  bench.say(return_routability_check, response(cookie), HOME);
  assert.deepEqual(bench.session.endpoint, HOME);
  assert.ok(sendMany(bench, 100) < 100);
});

test('a challenge that may be lost is repeated with the next record', () => {
  const bench = moved(true);
  const cookie = challengeIn(bench);
  bench.say(application_data, Buffer.from('still here'), ELSEWHERE);
  assert.deepEqual(challengeIn(bench), cookie);
});

test('a challenge of the peer is answered', () => {
  const bench = new SessionBench({}, { ownCid, returnRoutabilityCheck: true });
  const cookie = Buffer.from('8 bytes.');
  bench.say(return_routability_check, Buffer.concat([Buffer.from([0]), cookie]));
  assert.deepEqual(bench.answers(), [[return_routability_check, response(cookie).toString('hex')]]);
});

test('a check that was not agreed on breaks the protocol', () => {
  const bench = new SessionBench({}, { ownCid });
  bench.say(return_routability_check, Buffer.alloc(9));
  assert.equal(bench.recorder.closed, 'protocol');
});
