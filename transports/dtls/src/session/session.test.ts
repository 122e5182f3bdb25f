import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALERTS, type AlertName, encodeAlert } from '../alerts.js';
import type { DtlsCloseReason } from '../contract.js';
import { wholeMessage } from '../handshake/fragments.js';
import { HANDSHAKE_TYPES } from '../handshake/messages.js';
import { Sealer } from '../record/protection.js';
import { CONTENT, MAX_PLAINTEXT, MAX_SEQUENCE } from '../record/record.js';
import { SessionBench as Bench, ours, suite, theirs } from '../testing/session-bench.js';
import { Recorder } from '../testing/world.js';

function alertOf(level: 'warning' | 'fatal', name: AlertName): [number, string] {
  return [CONTENT.alert, encodeAlert(level, name).toString('hex')];
}

test('application data goes both ways', () => {
  const bench = new Bench();
  bench.say(CONTENT.application_data, Buffer.from('in'));
  bench.session.send(Buffer.from('out'));
  assert.deepEqual(bench.recorder.received, ['in']);
  assert.deepEqual(bench.answers(), [[CONTENT.application_data, Buffer.from('out').toString('hex')]]);
});

for (const name of Object.keys(ALERTS) as AlertName[]) {
  const closing = name === 'close_notify';
  test(`${name} of the peer`, () => {
    const warned = new Bench();
    warned.say(CONTENT.alert, encodeAlert('warning', name));
    assert.equal(warned.recorder.closed, closing ? 'closed' : undefined);
    assert.deepEqual(warned.answers(), closing ? [alertOf('warning', 'close_notify')] : []);
    const ended = new Bench();
    ended.say(CONTENT.alert, encodeAlert('fatal', name));
    assert.equal(ended.recorder.closed, closing ? 'closed' : 'peer_alert');
    assert.equal(ended.forgotten, 1);
  });
}

/** What is authentic and breaks the protocol, and how it is answered. */
const BREACHES: readonly [string, number, Buffer, AlertName][] = [
  ['half an alert', CONTENT.alert, Buffer.from([2]), 'decode_error'],
  ['ChangeCipherSpec', CONTENT.change_cipher_spec, Buffer.from([1]), 'unexpected_message'],
  ['a content type that is none', 99, Buffer.from('?'), 'unexpected_message'],
];

for (const [what, type, data, alert] of BREACHES) {
  test(`${what} ends the session with ${alert}`, () => {
    const bench = new Bench();
    bench.say(type, data);
    assert.equal(bench.recorder.closed, 'protocol' satisfies DtlsCloseReason);
    assert.deepEqual(bench.answers(), [alertOf('fatal', alert)]);
  });
}

for (const request of ['client_hello', 'hello_request'] as const) {
  test(`a renegotiation by ${request} is refused, and the session goes on`, () => {
    const bench = new Bench({ renegotiationRequest: request });
    bench.say(CONTENT.handshake, wholeMessage(HANDSHAKE_TYPES[request], 9, Buffer.alloc(0)));
    assert.deepEqual(bench.answers(), [alertOf('warning', 'no_renegotiation')]);
    bench.say(CONTENT.application_data, Buffer.from('still there'));
    assert.deepEqual(bench.recorder.received, ['still there']);
  });
}

test('other handshake messages, and none, are counted and nothing else', () => {
  const bench = new Bench();
  bench.say(CONTENT.handshake, Buffer.alloc(0));
  bench.say(CONTENT.handshake, wholeMessage(HANDSHAKE_TYPES.finished, 3, Buffer.alloc(12)));
  assert.equal(bench.counters.dropped.handshake_message, 2);
  assert.deepEqual(bench.answers(), []);
  assert.equal(bench.session.closed, false);
});

test('a record that comes again, is not authentic or of another epoch is counted and nothing else', () => {
  const bench = new Bench();
  const record = new Sealer(suite, theirs, undefined).seal(CONTENT.application_data, Buffer.from('once'));
  bench.receive(record);
  bench.receive(record);
  const forged = Buffer.from(record);
  forged[10] = 7;
  bench.receive(forged);
  const later = Buffer.from(record);
  later[4] = 2;
  bench.receive(later);
  assert.deepEqual(bench.recorder.received, ['once']);
  const { replayed, bad_record_mac, wrong_epoch } = bench.counters.dropped;
  assert.deepEqual([replayed, bad_record_mac, wrong_epoch], [1, 1, 1]);
});

test('more than a record holds is not sent', () => {
  const bench = new Bench();
  bench.session.send(Buffer.alloc(MAX_PLAINTEXT));
  bench.session.send(Buffer.alloc(MAX_PLAINTEXT + 1));
  assert.equal(bench.answers().length, 1);
  assert.equal(bench.counters.dropped.oversize, 1);
});

/** Has one sequence number left. */
class WornSealer extends Sealer {
  constructor() {
    super(suite, ours, undefined);
  }

  override get sequence(): number {
    return MAX_SEQUENCE + super.sequence;
  }
}

test('a session is over with its last sequence number: none is used twice', () => {
  const bench = new Bench({}, { sealer: new WornSealer() });
  bench.session.send(Buffer.from('last'));
  assert.equal(bench.answers().length, 1);
  assert.equal(bench.recorder.closed, undefined);
  bench.session.send(Buffer.from('one more'));
  assert.deepEqual(bench.answers(), []);
  assert.equal(bench.recorder.closed, 'protocol');
  assert.equal(bench.forgotten, 1);
});

test('a peer from which nothing authentic comes is forgotten, and told', () => {
  const bench = new Bench({ idleTime: 1000 });
  bench.time.advance(900);
  bench.say(CONTENT.application_data, Buffer.from('here'));
  bench.time.advance(900);
  const forged = new Sealer(suite, ours, undefined).seal(CONTENT.application_data, Buffer.from('me too'));
  bench.receive(forged);
  assert.equal(bench.recorder.closed, undefined);
  bench.time.advance(100);
  assert.equal(bench.recorder.closed, 'idle_timeout');
  assert.deepEqual(bench.answers(), [alertOf('warning', 'close_notify')]);
  assert.equal(bench.time.armedCount, 0);
});

test('nothing is taken in after the end', () => {
  const bench = new Bench();
  bench.session.close();
  bench.say(CONTENT.application_data, Buffer.from('late'));
  assert.deepEqual(bench.recorder.received, []);
});

test('a session that is closed while it is shown to its user ends as any other', () => {
  const bench = new Bench();
  const { session } = bench;
  const again = new Recorder(session);
  session.open((opened) => {
    opened.close();
    return again;
  });
  assert.equal(again.closed, 'local');
  assert.equal(bench.forgotten, 1);
});
