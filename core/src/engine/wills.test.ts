import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '../testing/index.js';
import type { Will } from './types.js';

const will = (changes: Partial<Will> = {}): Will => ({
  topic: 'gone',
  payload: Buffer.from('bye'),
  qos: 1,
  retain: false,
  properties: undefined,
  delay: 0,
  ...changes,
});

function hubWithWatcher() {
  const hub = new TestHub();
  const watcher = hub.client('watcher');
  watcher.subscribe('#', { qos: 1 });
  return { hub, watcher };
}

test('a client that is lost leaves its will, one that says goodbye does not (MQTT 5 §3.1.2.5)', () => {
  const { hub, watcher } = hubWithWatcher();
  hub.client('a', { will: will(), mountpoint: 'm/' }).session.close('closed');
  assert.deepEqual(watcher.take(), ['m/gone=bye']);
  const polite = hub.client('b', { will: will() });
  polite.session.clearWill();
  polite.session.close('normal');
  assert.deepEqual(watcher.take(), []);
});

test('a client that withdraws its will by connecting anew leaves none, from a connection or from a delay', () => {
  const { hub, watcher } = hubWithWatcher();
  for (const cleanStart of [true, false]) {
    const options = { cleanStart, sessionExpiry: 100, withdrawsWill: true };
    hub.client('a', { ...options, will: will() });
    hub.client('a', { ...options, will: will({ delay: 10 }) }).session.close('closed');
    hub.client('a', options).session.close('closed');
    hub.clock.advance(20_000);
    assert.deepEqual(watcher.take(), []);
  }
  const late = hub.client('b', { sessionExpiry: 100, will: will({ delay: 10 }) });
  late.session.close('closed');
  hub.clock.advance(10_000);
  hub.client('b', { withdrawsWill: true });
  assert.deepEqual(watcher.take(), ['gone=bye']);
});

test('a delayed will waits for its delay', () => {
  const { hub, watcher } = hubWithWatcher();
  const persistent = { cleanStart: false, sessionExpiry: 100 };
  hub.client('a', { ...persistent, will: will({ delay: 10 }) }).session.close('closed');
  hub.clock.advance(9_900);
  assert.deepEqual(watcher.take(), []);
  hub.clock.advance(110);
  assert.deepEqual(watcher.take(), ['gone=bye']);
  hub.clock.advance(100_000);
  assert.deepEqual(watcher.take(), [], 'once only');
});

test('a client that is back before the delay is over leaves no will (MQTT-3.1.3-9)', () => {
  const { hub, watcher } = hubWithWatcher();
  const persistent = { cleanStart: false, sessionExpiry: 100 };
  hub.client('a', { ...persistent, will: will({ delay: 10 }) }).session.close('closed');
  hub.clock.advance(5_000);
  hub.client('a', persistent);
  hub.clock.advance(20_000);
  assert.deepEqual(watcher.take(), []);
});

test('a client that is back when the delay is just over has left its will, however coarse timers are', () => {
  const { hub, watcher } = hubWithWatcher();
  const persistent = { cleanStart: false, sessionExpiry: 100 };
  hub.clock.advance(3);
  hub.client('a', { ...persistent, will: will({ delay: 10 }) }).session.close('closed');
  hub.clock.advance(10_000);
  assert.deepEqual(watcher.take(), [], 'the timer has not fired yet');
  hub.client('a', persistent);
  assert.deepEqual(watcher.take(), ['gone=bye']);
  hub.clock.advance(100);
  assert.deepEqual(watcher.take(), [], 'once only');
});

test('the end of the session publishes a delayed will at once', () => {
  const { hub, watcher } = hubWithWatcher();
  hub.client('a', { cleanStart: false, sessionExpiry: 5, will: will({ delay: 10 }) }).session.close('closed');
  hub.clock.advance(5_020);
  assert.deepEqual(watcher.take(), ['gone=bye']);
  hub
    .client('b', { cleanStart: false, sessionExpiry: 100, will: will({ delay: 10 }) })
    .session.close('closed');
  hub.client('b', { cleanStart: true });
  assert.deepEqual(watcher.take(), ['gone=bye']);
});

test('a takeover publishes a will without delay and voids a delayed one', () => {
  const { hub, watcher } = hubWithWatcher();
  const persistent = { cleanStart: false, sessionExpiry: 100 };
  hub.client('a', { ...persistent, will: will() });
  hub.client('a', { ...persistent, will: will({ delay: 10 }) });
  assert.deepEqual(watcher.take(), ['gone=bye']);
  hub.client('a', persistent);
  hub.clock.advance(20_000);
  assert.deepEqual(watcher.take(), []);
});

test('a will that its client may not publish is dropped and counted', () => {
  const hub = new TestHub();
  const watcher = hub.client('watcher');
  watcher.subscribe('#');
  const client = hub.client('a', { will: will() });
  hub.access.addAuthorizer({ name: 'no', authorize: () => 'deny' });
  client.session.close('closed');
  assert.deepEqual(watcher.take(), []);
  assert.equal(hub.metrics.get('messages.dropped.not_authorized'), 1);
});

test('a stopping hub publishes no wills', () => {
  const { hub, watcher } = hubWithWatcher();
  const client = hub.client('a', { will: will() });
  hub.engine.stop();
  assert.equal(client.detachedBy, 'server_shutdown');
  assert.deepEqual(watcher.take(), []);
});

test('a client whose will could not be published is not let in', () => {
  const hub = new TestHub();
  const handler = hub.client('other');
  const refusal = (changes: Partial<Will>, options = {}) => {
    const request = hub.request('a', handler, { will: will(changes), options });
    return hub.connect(request);
  };
  assert.deepEqual(refusal({ topic: 'a/#' }), { ok: false, refusal: 'topic_name_invalid' });
  assert.deepEqual(refusal({ topic: 'a/b' }, { maxTopicLevels: 1 }), {
    ok: false,
    refusal: 'topic_name_invalid',
  });
  assert.deepEqual(refusal({ qos: 1 }, { maxQos: 0 }), { ok: false, refusal: 'qos_not_supported' });
  const retained = refusal({ retain: true }, { retainAvailable: false });
  assert.deepEqual(retained, { ok: false, refusal: 'retain_not_supported' });
});

test('a will has room for the longest topic and payload of MQTT, and properties count', () => {
  const hub = new TestHub();
  const longest = { topic: 't'.repeat(65_535), payload: Buffer.alloc(65_535) };
  const userProperties = Array<readonly [string, string]>(1000).fill(['', '']);
  const isTaken = (changes: Partial<Will>) => {
    const client = hub.client('a', { will: will(changes) });
    assert.equal(hub.engine.sessions.get('a')?.attachment, client.session);
  };
  const isRefused = (changes: Partial<Will>) => {
    const request = hub.request('b', hub.client('other'), { will: will(changes) });
    assert.deepEqual(hub.connect(request), { ok: false, refusal: 'quota_exceeded' });
  };
  isTaken({ ...longest, properties: { contentType: '12' } });
  isRefused({ ...longest, properties: { contentType: '123' } });
  isTaken({ topic: 't', properties: { userProperties: [['k', 'v']] } });
  isRefused({ topic: 't', payload: Buffer.alloc(10_000), properties: { userProperties } });
});

test('a will goes to others in a group, not to the client that is gone', () => {
  for (let run = 0; run < 20; run++) {
    const hub = new TestHub();
    const lost = hub.client('lost', { will: will() });
    const other = hub.client('other');
    for (const client of [lost, other]) client.subscribe('$share/g/#');
    lost.session.close('closed');
    assert.equal(other.received.length, 1);
    assert.equal(lost.received.length, 0);
  }
});

test('a session that lives on keeps its own will for the client, as any other message', () => {
  const hub = new TestHub();
  const lasting = { cleanStart: false, sessionExpiry: 100 };
  const lost = hub.client('lost', { ...lasting, will: will() });
  lost.subscribe('#', { qos: 1 });
  lost.session.close('closed');
  assert.equal(lost.received.length, 0);
  assert.equal(hub.client('lost', lasting).received.length, 1);
});

test('a client that changes its will while it is connected leaves the new one; one that may not be is refused', () => {
  const { hub, watcher } = hubWithWatcher();
  const { session } = hub.client('a', { will: will(), mountpoint: 'm/' });
  assert.equal(session.setWill(will({ topic: 'lost', payload: Buffer.from('late') })), undefined);
  assert.equal(session.setWill(will({ topic: 'a/#' })), 'topic_name_invalid');
  session.close('closed');
  assert.deepEqual(watcher.take(), ['m/lost=late']);
  assert.equal(session.setWill(will()), undefined);
  assert.deepEqual(watcher.take(), []);
});
