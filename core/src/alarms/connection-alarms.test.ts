import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellingHub } from '../sys/testing.js';
import { ConnectionAlarms } from './connection-alarms.js';
import { vmMonConfigSchema } from './vm-monitor.js';

const ALARM = 'too_many_connections:mqtt:tcp:default';

function watched(config: object = {}) {
  const { hub, alarms } = tellingHub();
  const statistics = { connections: 0, maxConnections: 10 };
  const listeners = [{ name: 'mqtt:tcp:default', statistics }];
  const monitor = new ConnectionAlarms(alarms, hub.engine, () => listeners, vmMonConfigSchema.parse(config));
  monitor.start();
  /** What is active when a listener has had so many connections for a while. */
  const active = (connections: number) => {
    statistics.connections = connections;
    hub.clock.advance(30_000);
    return alarms.active.map(({ name }) => name);
  };
  return { hub, alarms, statistics, listeners, monitor, active };
}

test('an alarm tells of a listener with nearly as many connections as it may have, until it has room again', () => {
  const { alarms, active } = watched();
  assert.deepEqual(active(8), []);
  assert.deepEqual(active(9), [ALARM]);
  const [{ message = '', details = {} } = {}] = alarms.active;
  assert.equal(message, 'Usage of max_connections of mqtt:tcp:default is higher than 80%');
  assert.deepEqual(details, { high_watermark: 80, low_watermark: 75 });
  assert.deepEqual(active(8), [ALARM]);
  assert.deepEqual(active(7), []);
  assert.deepEqual(
    alarms.past.map(({ name }) => name),
    [ALARM],
  );
});

test('it is over when the listener is closed, or may have more', () => {
  const { statistics, listeners, active } = watched();
  assert.deepEqual(active(10), [ALARM]);
  statistics.maxConnections = 100;
  assert.deepEqual(active(10), []);
  assert.deepEqual(active(90), [ALARM]);
  listeners.pop();
  assert.deepEqual(active(90), []);
});

test('other watermarks hold from the next look on, for listeners that there are and for others', () => {
  const { monitor, active } = watched();
  assert.deepEqual(active(6), []);
  const half = { connection_high_watermark: '50%', connection_low_watermark: '50%' };
  monitor.adjust(vmMonConfigSchema.parse(half));
  assert.deepEqual(active(6), [ALARM]);
  assert.deepEqual(active(5), []);
});

test('watermarks can be set, an interval of 0 is never, and after the stop nobody looks', () => {
  const half = watched({ connection_high_watermark: '50%', connection_low_watermark: '50%' });
  assert.deepEqual(half.active(6), [ALARM]);
  half.monitor.stop();
  assert.equal(half.hub.timers.size, 0);
  assert.equal(watched({ check_interval: 0 }).hub.timers.size, 0);
  const wrong = vmMonConfigSchema.safeParse({ connection_high_watermark: '50%' });
  assert.deepEqual(wrong.error?.issues[0]?.path, ['connection_low_watermark']);
});
