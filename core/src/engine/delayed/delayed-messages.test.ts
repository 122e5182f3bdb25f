import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFields } from '../../runtime/logger.js';
import { silentLogger } from '../../runtime/logger.js';
import { TestHub, type TestHubOptions, TestStore } from '../../testing/index.js';
import { Falls, PERSISTENT, read } from '../durable/testing/falls.js';

/** A hub with a publisher and somebody who is subscribed to everything. */
function setUp(options: TestHubOptions = {}) {
  const hub = new TestHub(options);
  const app = hub.client('app');
  app.subscribe('#', { qos: 2 });
  const device = hub.client('device');
  /** Time goes by, and what is due is published. */
  const pass = async (seconds: number) => {
    hub.clock.advance(seconds * 1000);
    await read(hub);
    return app.take();
  };
  return { hub, app, device, pass };
}

function counts(hub: TestHub, ...names: string[]): number[] {
  return names.map((name) => hub.metrics.get(`messages.${name}`));
}

function waiting(hub: TestHub): number {
  return hub.metrics.gauge('delayed', '').value;
}

test('a message is published when the seconds of its topic have passed', async () => {
  const { hub, device, pass } = setUp();
  assert.equal(device.publish('$delayed/15/x/y', 'later', 1), 'ok');
  assert.deepEqual(await pass(14.9), []);
  assert.equal(waiting(hub), 1);
  assert.deepEqual(await pass(0.2), ['x/y=later']);
  assert.equal(waiting(hub), 0);
  assert.deepEqual(await pass(100), []);
  assert.deepEqual(counts(hub, 'delayed', 'received', 'publish', 'dropped'), [1, 1, 1, 0]);
});

test('it comes as it was: QoS, retain flag, properties, publisher', async () => {
  const { hub, app, device, pass } = setUp();
  const published: unknown[] = [];
  hub.hooks.messagePublish.add('test', ({ message }) => {
    published.push([message.topic, message.from?.clientId, message.from?.peer]);
  });
  const properties = {
    contentType: 'text/plain',
    correlationData: Buffer.from([1, 2]),
    userProperties: [['k', 'v']] as const,
  };
  const publication = { topic: '$delayed/5/x', payload: Buffer.from('p'), qos: 2, retain: true } as const;
  device.session.publish({ ...publication, properties });
  publication.payload.fill(0);
  hub.clock.advance(5010);
  await read(hub);
  const [received] = app.received;
  assert.deepEqual([received?.payload, received?.qos], ['p', 2]);
  assert.deepEqual(received?.message.properties, properties);
  assert.deepEqual(published, [['x', 'device', device.session.client.peer]]);
  assert.equal(hub.engine.retained.size, 1);
  assert.deepEqual(await pass(1), ['x=p']);
});

test('what is due at the same time comes in the order in which it was published, however much it is', async () => {
  const { hub, device, pass } = setUp();
  for (let i = 0; i < 100; i++) device.publish('$delayed/10/x', String(i));
  hub.clock.advance(5000);
  for (let i = 100; i < 105; i++) device.publish('$delayed/5/x', String(i));
  device.publish('$delayed/1/x', 'first');
  const expected = ['first', ...Array.from({ length: 105 }, (_, i) => String(i))];
  assert.deepEqual(
    await pass(10),
    expected.map((payload) => `x=${payload}`),
  );
});

test('a topic without a sound delay is refused, counted and published nowhere', async () => {
  const { hub, device, pass } = setUp();
  for (const topic of ['$delayed/abc/x', '$delayed/4294968/x', '$delayed/5/', '$delayed/5']) {
    assert.equal(device.publish(topic, 'p', 1), 'topic_name_invalid', topic);
  }
  assert.deepEqual(await pass(5_000_000), []);
  assert.deepEqual(counts(hub, 'dropped', 'dropped.invalid', 'delayed'), [4, 4, 0]);
});

test('the longest delay is 4,294,967 s', async () => {
  const { device, pass } = setUp();
  device.publish('$delayed/4294967/x', 'p');
  assert.deepEqual(await pass(4_294_966), []);
  assert.deepEqual(await pass(2), ['x=p']);
});

test('access control is asked for the topic behind the delay', async () => {
  const { hub, device, pass } = setUp();
  const asked: string[] = [];
  hub.access.addAuthorizer({
    name: 'test',
    authorize: (_, action, topic) => {
      if (action === 'publish') asked.push(topic);
      return action === 'publish' && topic === 'secret' ? 'deny' : 'ignore';
    },
  });
  assert.equal(device.publish('$delayed/5/secret', 'p', 1), 'not_authorized');
  assert.equal(device.publish('$delayed/5/open', 'p', 1), 'ok');
  assert.equal(await device.session.permits('publish', '$delayed/5/secret'), false);
  assert.deepEqual(asked, ['secret', 'open']);
  assert.deepEqual(await pass(6), ['open=p']);
});

test('a mountpoint holds for the topic behind the delay', async () => {
  const { hub, pass } = setUp();
  const mounted = hub.client('mounted', { mountpoint: 'fleet/%c/' });
  assert.equal(mounted.publish('$delayed/5/x', 'p'), 'ok');
  assert.equal(mounted.publish('$delayed/5', 'p'), 'topic_name_invalid');
  assert.deepEqual(await pass(6), ['fleet/mounted/x=p']);
});

test('a will may be put off too', async () => {
  const { hub, pass } = setUp();
  const will = {
    topic: '$delayed/60/gone',
    payload: Buffer.from('w'),
    qos: 1 as const,
    retain: false,
    properties: undefined,
    delay: 0,
  };
  const client = hub.client('willing', { mountpoint: 'fleet/', will });
  client.session.close('closed');
  assert.deepEqual(await pass(59), []);
  assert.deepEqual(await pass(2), ['fleet/gone=w']);
});

test('an expiry counts from when the message came', async () => {
  const { hub, device, pass } = setUp();
  for (const messageExpiryInterval of [5, 15]) {
    const payload = Buffer.from(String(messageExpiryInterval));
    const properties = { messageExpiryInterval };
    device.session.publish({ topic: '$delayed/10/x', payload, qos: 0, retain: false, properties });
  }
  assert.deepEqual(await pass(11), ['x=15']);
  assert.deepEqual(counts(hub, 'dropped', 'dropped.expired'), [1, 1]);
});

test('no local: a client does not get its own message later either', async () => {
  const { hub, app, device } = setUp();
  device.subscribe('#', { noLocal: true });
  device.publish('$delayed/5/x', 'p');
  hub.clock.advance(6000);
  await read(hub);
  assert.deepEqual([app.take(), device.take()], [['x=p'], []]);
});

for (const [limit, broker] of [
  ['many', { delayed: { max_delayed_messages: 2 } }],
  ['bytes', { delayed: { max_bytes: '1KB' } }],
] as const) {
  test(`no more wait than may, ${limit}; of QoS 0 messages nobody is told`, async () => {
    const { hub, device, pass } = setUp({ broker });
    const payload = 'p'.repeat(200);
    for (let i = 0; i < 2; i++) assert.equal(device.publish('$delayed/10/x', payload, 1), 'ok');
    assert.equal(device.publish('$delayed/10/x', payload, 1), 'storage_failed');
    assert.equal(device.publish('$delayed/10/x', payload, 0), 'ok');
    assert.deepEqual(counts(hub, 'delayed', 'dropped', 'dropped.too_many_delayed'), [2, 2, 2]);
    assert.equal((await pass(11)).length, 2);
    assert.equal(device.publish('$delayed/10/x', payload, 1), 'ok', 'there is room again');
  });
}

test('while the store takes nothing new, no message is taken to be published later', async () => {
  const store = new TestStore();
  const { hub, device, pass } = setUp({ store });
  device.publish('$delayed/10/x', 'before', 1);
  store.full = true;
  assert.equal(device.publish('$delayed/10/x', 'p', 1), 'storage_failed');
  assert.equal(device.publish('$delayed/10/x', 'p', 0), 'ok');
  assert.deepEqual(counts(hub, 'dropped.storage_failed'), [2]);
  assert.deepEqual(await pass(11), ['x=before']);
});

test('without broker.delayed.enable it is a topic like any other', () => {
  const { hub, device } = setUp({ broker: { delayed: { enable: false } } });
  const watcher = hub.client('watcher');
  watcher.subscribe('$delayed/#');
  assert.equal(device.publish('$delayed/abc/x', 'p'), 'ok');
  assert.deepEqual(watcher.take(), ['$delayed/abc/x=p']);
  assert.equal(hub.timers.size, 0);
});

test('messages outlive the hub: overdue ones are published at its start, the others in their time', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('#', { qos: 1 });
  app.session.close('closed');
  const device = first.client('device');
  for (const seconds of [60, 10, 20]) device.publish(`$delayed/${seconds}/x`, String(seconds), 1);
  first.clock.advance(5000);
  falls.fall();
  falls.clock.advance(30_000);

  const second = await falls.start();
  const back = second.client('app', PERSISTENT);
  assert.equal(waiting(second), 3);
  second.clock.advance(10);
  await read(second);
  assert.deepEqual(back.take(), ['x=10', 'x=20']);
  second.client('device').publish('$delayed/25/x', 'new', 1);
  second.clock.advance(25_010);
  await read(second);
  assert.deepEqual(back.take(), ['x=60', 'x=new'], 'as they came');
  assert.deepEqual([...falls.store.keys('delayed')], []);
});

test('who published it is known after a restart too', async () => {
  const falls = new Falls();
  const first = await falls.start();
  first.client('device', { username: 'ada' }).publish('$delayed/10/$SYS/x', 'p', 1, true);
  const second = await falls.start();
  const seen: unknown[] = [];
  second.hooks.messagePublish.add('test', ({ message }) => {
    seen.push([message.topic, message.from?.clientId, message.from?.username]);
  });
  second.clock.advance(10_010);
  await read(second);
  assert.deepEqual(seen, [['$SYS/x', 'device', 'ada']]);
});

test('a message is deleted with what its publication writes: a fall of the hub has both or nothing', async () => {
  const store = new TestStore();
  const hub = new TestHub({ store });
  hub.client('app', PERSISTENT).subscribe('#', { qos: 1 });
  hub.engine.sessions.get('app')?.attachment?.close('closed');
  hub.client('device').publish('$delayed/5/x', 'p', 1);
  store.held = true;
  hub.clock.advance(5010);
  const before = [...store.keys('delayed')].length;
  const { written } = store;
  await Promise.resolve();
  for (let i = 0; i < 100; i++) await Promise.resolve();
  assert.equal(before, 1);
  assert.deepEqual([...store.keys('delayed')], [], 'within one turn of the event loop');
  assert.ok(store.written > written + 1, 'the delivery too');
});

test('after the stop nothing is published', async () => {
  const { hub, device, pass } = setUp();
  device.publish('$delayed/5/x', 'p');
  hub.engine.stop();
  assert.deepEqual(await pass(10), []);
  assert.equal([...hub.engine.store.keys('delayed')].length, 1);
});

test('a message that a hook thinks about keeps those behind it in order', async () => {
  const { hub, device, pass } = setUp();
  hub.hooks.messagePublish.add('test', async ({ message }) => {
    if (message.payload.toString() === 'slow') await hub.nextTurn();
  });
  for (const payload of ['slow', 'fast']) device.publish('$delayed/5/x', payload);
  assert.deepEqual(await pass(6), ['x=slow', 'x=fast']);
});

/** A store that does not give back what a test says. */
class ForgetfulStore extends TestStore {
  lost = '';
  failing = 0;

  override async get(table: string, key: string): Promise<Buffer | undefined> {
    if (this.failing-- > 0) throw new Error('EIO: i/o error, read');
    const value = await super.get(table, key);
    return value?.includes(this.lost) && this.lost !== '' ? undefined : value;
  }
}

test('messages that cannot be read at present are published when they can', async () => {
  const store = new ForgetfulStore();
  const lines: string[] = [];
  const error = (_: LogFields | string, message?: string) => lines.push(message ?? '');
  const log = { ...silentLogger, error, isLevelEnabled: () => true };
  const { device, pass } = setUp({ store, log });
  for (const payload of ['1', '2']) device.publish('$delayed/5/x', payload);
  store.failing = 2;
  assert.deepEqual(await pass(6), []);
  assert.deepEqual(await pass(2), ['x=1', 'x=2']);
  assert.deepEqual([...new Set(lines)], ['delayed messages cannot be read at present']);
});

test('one that the store has lost, or that is not understood, is counted or logged and left out', async () => {
  const store = new ForgetfulStore();
  const lines: string[] = [];
  const error = (_: LogFields | string, message?: string) => lines.push(message ?? '');
  const { hub, device, pass } = setUp({ store, log: { ...silentLogger, error } });
  for (const payload of ['gone', 'there']) device.publish('$delayed/5/x', payload);
  store.lost = 'gone';
  const key = [...store.keys('delayed')].at(-1) ?? '';
  device.publish('$delayed/5/x', 'after');
  store.put('delayed', key, Buffer.from([9]));
  assert.deepEqual(await pass(6), ['x=after']);
  assert.deepEqual(counts(hub, 'dropped', 'dropped.lost'), [2, 2]);
  assert.deepEqual(lines, ['a delayed message is not published']);
  store.put('delayed', 'what?', Buffer.alloc(0));
  hub.engine.delayed.load();
  assert.deepEqual(lines.slice(1), ['an entry of the store is left out']);
});
