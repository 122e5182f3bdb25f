import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFields } from '../runtime/logger.js';
import { silentLogger } from '../runtime/logger.js';
import { listener, NODE, tellingHub } from '../sys/testing.js';
import { alarmConfigSchema } from './alarm-config.js';

/** A hub with alarms, who listens to them, and what is logged. */
function watched(config: Record<string, unknown> = {}) {
  const lines: string[] = [];
  const warn = (fields: LogFields | string, message?: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  const { hub, alarms } = tellingHub({ log: { ...silentLogger, warn } }, config);
  const { takes } = listener(hub, 'alarms/+');
  return { hub, alarms, lines, takes };
}

const MEMORY = [
  'high_system_memory_usage',
  'System memory usage is higher than 60%',
  { high_watermark: 60 },
] as const;

test('an alarm is published and logged when it becomes active and when it is over, as the manual shows it', () => {
  const { hub, alarms, lines, takes } = watched();
  const at = hub.clock.now() * 1000;
  alarms.activate(...MEMORY);
  assert.deepEqual(takes(), [
    `alarms/activate={"name":"high_system_memory_usage","message":"System memory usage is higher than 60%",` +
      `"details":{"high_watermark":60},"deactivate_at":"infinity","activated":true,"activate_at":${at}}`,
  ]);
  hub.clock.advance(5);
  alarms.deactivate('high_system_memory_usage');
  const [over = ''] = takes();
  assert.deepEqual(JSON.parse(over.slice('alarms/deactivate='.length)), {
    name: 'high_system_memory_usage',
    message: 'System memory usage is higher than 60%',
    details: { high_watermark: 60 },
    activated: false,
    activate_at: at,
    deactivate_at: at + 5000,
  });
  const fields = '{"alarm":"high_system_memory_usage","high_watermark":60}';
  assert.deepEqual(lines, [
    `alarm: System memory usage is higher than 60% ${fields}`,
    `alarm over: System memory usage is higher than 60% ${fields}`,
  ]);
});

test('the last message of each kind is retained, with QoS 0', async () => {
  const { hub, alarms } = watched();
  for (const name of ['a', 'b']) alarms.activate(name, 'trouble');
  const late = hub.client('late');
  late.subscribe(`$SYS/brokers/${NODE}/alarms/#`);
  await hub.nextTurn();
  const [{ payload = '', qos, retain } = {}, ...others] = late.received;
  assert.deepEqual([JSON.parse(payload).name, qos, retain, others.length], ['b', 0, true, 0]);
});

test('an alarm that is active is not raised again, and one that is not cannot be over', () => {
  const { alarms, lines, takes } = watched();
  assert.equal(alarms.activate('a', 'trouble', { percent: 1 }), true);
  assert.equal(alarms.activate('a', 'worse', { percent: 2 }), false);
  assert.deepEqual(
    alarms.active.map(({ message, details }) => [message, details]),
    [['trouble', { percent: 1 }]],
  );
  assert.equal(alarms.deactivate('b'), false);
  assert.equal(alarms.deactivate('a'), true);
  assert.equal(alarms.deactivate('a'), false);
  assert.equal(alarms.activate('a', 'again'), true);
  assert.equal(takes().length, 3);
  assert.equal(lines.length, 3);
});

test('present and past alarms can be listed, and the past forgotten', () => {
  const { alarms } = watched();
  for (const name of ['a', 'b', 'c']) alarms.activate(name, 'trouble');
  for (const name of ['c', 'a']) alarms.deactivate(name);
  assert.deepEqual(
    alarms.active.map(({ name, activated }) => [name, activated]),
    [['b', true]],
  );
  assert.deepEqual(
    alarms.past.map(({ name, activated }) => [name, activated]),
    [
      ['c', false],
      ['a', false],
    ],
  );
  alarms.forgetPast();
  assert.deepEqual(alarms.past, []);
  assert.equal(alarms.active.length, 1);
});

test('of past alarms so many are remembered as configured, the newest', () => {
  const { alarms } = watched({ size_limit: 2 });
  for (const name of ['a', 'b', 'c']) {
    alarms.activate(name, 'trouble');
    alarms.deactivate(name);
  }
  assert.deepEqual(
    alarms.past.map(({ name }) => name),
    ['b', 'c'],
  );
});

test('past alarms are remembered for as long as configured', () => {
  const { hub, alarms } = watched({ validity_period: '1h' });
  for (const name of ['a', 'b', 'c']) {
    alarms.activate(name, 'trouble');
    if (name !== 'c') alarms.deactivate(name);
    hub.clock.advance(40 * 60_000);
  }
  assert.deepEqual(alarms.past, []);
  assert.deepEqual(
    alarms.active.map(({ name }) => name),
    ['c'],
    'one that is active stays',
  );
  alarms.deactivate('c');
  hub.clock.advance(3_599_999);
  assert.equal(alarms.past.length, 1);
  hub.clock.advance(1);
  assert.equal(alarms.past.length, 0);
});

test('what is done about an alarm is configured', () => {
  const outcome = (actions: readonly string[]) => {
    const { alarms, lines, takes } = watched({ actions });
    alarms.activate('a', 'trouble');
    alarms.deactivate('a');
    return [lines.length, takes().length];
  };
  assert.deepEqual(outcome(['log']), [2, 0]);
  assert.deepEqual(outcome(['publish']), [0, 2]);
  assert.deepEqual(outcome([]), [0, 0]);
});

test('what is done about alarms, and how many are remembered, can be changed', () => {
  const { alarms, lines, takes } = watched();
  alarms.adjust(alarmConfigSchema.parse({ actions: ['log'], size_limit: 1 }));
  for (const name of ['a', 'b']) {
    alarms.activate(name, 'trouble');
    alarms.deactivate(name);
  }
  assert.deepEqual(takes(), []);
  assert.equal(lines.length, 4);
  assert.deepEqual(
    alarms.past.map(({ name }) => name),
    ['b'],
  );
});
