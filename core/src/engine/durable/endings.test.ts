import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPromise } from '../../runtime/maybe-promise.js';
import { TestClient, type TestHub, TestStore } from '../../testing/index.js';
import type { ConnectResult } from '../types.js';
import { Falls, PERSISTENT } from './testing/falls.js';

async function setUp() {
  const store = new TestStore();
  const falls = new Falls({}, store);
  const hub = await falls.start();
  hub.client('app', PERSISTENT).subscribe('t', { qos: 1 });
  store.held = true;
  return { store, hub };
}

/** Asks to begin anew. */
function beginAnew(hub: TestHub): Promise<ConnectResult> {
  const result = hub.connect(hub.request('app', new TestClient(), { cleanStart: true }));
  assert.ok(isPromise(result), 'it has to wait');
  return result;
}

test('a client that begins anew is told so when the end of its last session is durable', async () => {
  const { store, hub } = await setUp();
  const result = beginAnew(hub);
  assert.deepEqual([...store.keys('sessions')], []);
  store.settle();
  const settled = await result;
  assert.ok(settled.ok && !settled.present);
  assert.ok(
    !isPromise(hub.connect(hub.request('app', new TestClient()))),
    'from now on nothing is waited for',
  );
});

test('of two that begin anew meanwhile the later one is let in', async () => {
  const { store, hub } = await setUp();
  const first = beginAnew(hub);
  const second = beginAnew(hub);
  store.settle();
  const results = await Promise.all([first, second]);
  assert.ok(results.every(({ ok }) => ok));
  const [, last] = results;
  assert.equal(hub.engine.sessions.get('app')?.attachment, last?.ok && last.session);
});

test('a client cannot begin anew while that could not be made durable', async () => {
  const { store, hub } = await setUp();
  store.commit = () => Promise.reject(new Error('the disk is full'));
  assert.deepEqual(await beginAnew(hub), { ok: false, refusal: 'server_unavailable' });
});

test('what is answered to a second PUBREL waits until the first is durable', async () => {
  const { store, hub } = await setUp();
  const device = hub.client('app', PERSISTENT);
  const publication = { topic: 'x', payload: Buffer.from('x'), qos: 2 as const, retain: false };
  device.session.publishOnce(5, publication);
  store.settle();
  assert.ok(device.session.releasePublished(5));
  const { written } = store;
  assert.ok(!device.session.releasePublished(5));
  assert.ok(store.written > written, 'it is written once more');
  store.settle();
  assert.ok(!device.session.releasePublished(5));
  assert.equal(store.settled, store.written);
});
