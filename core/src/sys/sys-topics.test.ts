import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestHub } from '../testing/index.js';
import { listener, NODE, tellingHub } from './testing.js';

/** Lets everything that was put off happen: as many turns as the longest report takes. */
async function settle(hub: TestHub): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await hub.nextTurn();
}

/** What is retained below `$SYS`, as `topic=payload`. */
function retained(hub: TestHub): string[] {
  const found = [...hub.engine.retained.match('$SYS/#')].filter((message) => message !== undefined);
  return found.map(({ topic, payload }) => `${topic}=${payload}`);
}

const INTRODUCTION = [
  `$SYS/brokers=${NODE}`,
  `$SYS/brokers/${NODE}/version=1.2.3`,
  `$SYS/brokers/${NODE}/sysdescr=Portico, a protocol gateway hub`,
];

test('who the hub is is retained from the start on', () => {
  const { hub, topics } = tellingHub();
  topics.start();
  assert.deepEqual(retained(hub), INTRODUCTION);
});

test('who the hub is is said again with every report', async () => {
  const { hub, topics } = tellingHub({ broker: { sys_interval: '10s' } });
  topics.start();
  const client = hub.client('c');
  client.subscribe(`$SYS/brokers`);
  await settle(hub);
  assert.deepEqual(client.take(), [`$SYS/brokers=${NODE}`]);
  hub.clock.advance(20_100);
  assert.deepEqual(client.take(), [`$SYS/brokers=${NODE}`, `$SYS/brokers=${NODE}`]);
});

test('uptime and time of day come with every heartbeat', () => {
  const { hub, topics } = tellingHub({ broker: { sys_heartbeat: '30s' } });
  topics.start();
  const { takes } = listener(hub, '+');
  hub.clock.advance(29_990);
  assert.deepEqual(takes(), []);
  hub.clock.advance(20);
  const [uptime, datetime, ...others] = takes();
  assert.equal(uptime, 'uptime=30 seconds');
  assert.match(datetime ?? '', /^datetime=2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual(others, []);
  hub.clock.advance(60_000);
  assert.deepEqual(
    takes().filter((line) => line.startsWith('uptime')),
    ['uptime=1 minutes, 0 seconds', 'uptime=1 minutes, 30 seconds'],
  );
});

test('statistics are reported with the greatest value since the start, in both spellings', async () => {
  const { hub, topics } = tellingHub();
  topics.start();
  const { takes } = listener(hub, 'stats/#');
  const others = ['a', 'b'].map((clientId) => hub.client(clientId));
  others[0]?.subscribe('$share/g/x');
  for (const { session } of others) session.close('normal');
  hub.clock.advance(60_010);
  await settle(hub);
  const lines = takes();
  for (const line of [
    'stats/connections/count=1',
    'stats/connections/max=3',
    'stats/connections.count=1',
    'stats/connections.max=3',
    'stats/subscriptions/shared/count=0',
    'stats/subscriptions/shared/max=1',
    'stats/subscriptions.shared.max=1',
    'stats/topics/count=1',
    'stats/routes/count=1',
    'stats/subscribers/max=2',
    'stats/suboptions/count=1',
  ]) {
    assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
  }
});

test('counters are reported by their names, and by the other names that some have', async () => {
  const { hub, topics } = tellingHub();
  hub.metrics.counter('packets.connect.received', 'CONNECT').value = 7;
  topics.start();
  const { takes } = listener(hub, 'metrics/#');
  hub.client('a').publish('x', 'y', 1);
  hub.clock.advance(60_010);
  await settle(hub);
  const lines = takes();
  for (const line of [
    'metrics/messages/received=1',
    'metrics/messages/qos1/received=1',
    'metrics/messages/dropped=1',
    'metrics/messages/expired=0',
    'metrics/messages/qos2/expired=0',
    'metrics/packets/connect=7',
    'metrics/packets/connect/received=7',
  ]) {
    assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
  }
  assert.ok(!lines.some((line) => line.startsWith('metrics/packets/auth')), 'nobody counts AUTH packets');
});

test('a long report is spread over turns', async () => {
  const { hub, topics } = tellingHub();
  for (let i = 0; i < 100; i++) hub.metrics.counter(`test.${i}`, 'for this test');
  topics.start();
  const { takes } = listener(hub, 'metrics/test/+');
  hub.clock.advance(60_010);
  const before = takes().length;
  await settle(hub);
  const after = takes().length;
  assert.ok(before < 50 && after > 50 && before + after === 100, `${before} before, ${after} after`);
});

test('what is switched off is not published', async () => {
  const broker = { sys_interval: 0, sys_heartbeat: 0, sys_client_events: false };
  const { hub, topics } = tellingHub({ broker });
  topics.start();
  const { takes } = listener(hub, '#');
  hub.client('a').session.close('normal');
  hub.clock.advance(3_600_000);
  await settle(hub);
  assert.deepEqual(takes(), []);
  assert.deepEqual(retained(hub), []);
  assert.equal(hub.timers.size, 0);
});

test('after the stop nothing is published any more, not even what was begun', async () => {
  const { hub, topics } = tellingHub();
  topics.start();
  const { takes } = listener(hub, '#');
  await settle(hub);
  hub.clock.advance(60_010);
  topics.stop();
  takes();
  hub.client('a');
  hub.clock.advance(3_600_000);
  await settle(hub);
  assert.deepEqual(takes(), []);
  assert.equal(hub.timers.size, 0);
});

test('what nobody is subscribed to is not published, and what is is not counted as anybody’s message', async () => {
  const { hub, topics } = tellingHub();
  topics.start();
  const { takes } = listener(hub, 'uptime');
  hub.clock.advance(60_010);
  await settle(hub);
  assert.equal(takes().length, 2);
  assert.equal(hub.metrics.get('messages.delivered'), 2);
  for (const counter of ['received', 'publish', 'dropped']) {
    assert.equal(hub.metrics.get(`messages.${counter}`), 0, counter);
  }
});

test('a hook that sees all messages sees those of the hub too', async () => {
  const { hub, topics } = tellingHub();
  const seen: string[] = [];
  hub.hooks.messagePublish.add('test', ({ message }) => {
    assert.equal(message.from, undefined);
    seen.push(message.topic);
  });
  topics.start();
  hub.clock.advance(60_010);
  await settle(hub);
  assert.ok(seen.includes(`$SYS/brokers/${NODE}/uptime`));
  assert.ok(seen.includes(`$SYS/brokers/${NODE}/metrics/messages/received`));
});

test('a hook that fails late is reported, and the report goes on', async () => {
  const { hub, topics } = tellingHub();
  hub.hooks.messagePublish.add('test', () => Promise.reject(new Error('broken')));
  topics.start();
  const { takes } = listener(hub, 'uptime');
  hub.clock.advance(30_010);
  await settle(hub);
  assert.deepEqual(takes(), ['uptime=30 seconds']);
  assert.ok(hub.errors.length > 0);
});
