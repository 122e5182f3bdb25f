import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFields } from '../runtime/logger.js';
import { silentLogger } from '../runtime/logger.js';
import { SystemMonitor, sysmonConfigSchema } from './system-monitor.js';
import { listener, tellingHub } from './testing.js';

/** A hub that is watched, what it logs, and who listens. */
function watched(config: Record<string, unknown> = {}) {
  const warnings: string[] = [];
  const warn = (fields: LogFields | string, message?: string) => {
    if (typeof fields !== 'string') warnings.push(`${message} ${JSON.stringify(fields)}`);
  };
  const { hub, publisher, alarms } = tellingHub({
    log: { ...silentLogger, warn },
    broker: { slow_consumer_grace: '1s' },
  });
  const monitor = new SystemMonitor(hub.engine, publisher, alarms, sysmonConfigSchema.parse(config));
  const { takes } = listener(hub, 'sysmon/+');
  /** Something keeps the event loop busy for so long, then there is time for the rest. */
  const block = (milliseconds: number) => {
    hub.clock.block(milliseconds);
    hub.clock.advance(20);
  };
  return { hub, alarms, monitor, warnings, takes, block };
}

test('a blocked event loop is reported, what is shorter than the limit is not', () => {
  const { monitor, warnings, takes, block } = watched();
  monitor.start();
  block(200);
  assert.deepEqual(takes(), []);
  block(600);
  const [report, ...others] = takes();
  const [, blocked] =
    /^sysmon\/long_schedule=long_schedule warning: the event loop was blocked for (\d+) ms$/.exec(
      report ?? '',
    ) ?? [];
  assert.ok(Number(blocked) > 500 && Number(blocked) <= 600, report);
  assert.deepEqual(others, []);
  assert.deepEqual(warnings, [`event loop was blocked {"milliseconds":${blocked}}`]);
});

test('the limit is configured, 0 for none', () => {
  const lenient = watched({ long_schedule: '5s' });
  lenient.monitor.start();
  lenient.block(600);
  assert.deepEqual(lenient.takes(), []);
  const off = watched({ long_schedule: 0 });
  off.monitor.start();
  assert.equal(off.hub.timers.size, 0);
});

test('an event loop that is blocked all the time is reported about once a second', () => {
  const { hub, monitor, takes, block } = watched();
  monitor.start();
  for (let i = 0; i < 10; i++) block(500);
  hub.clock.advance(2000);
  const reports = takes().length;
  assert.ok(reports >= 3 && reports <= 5, `${reports} reports in 5 s`);
});

test('a second block within a minute raises an alarm, which is over after a minute without one', () => {
  const { hub, alarms, monitor, block } = watched();
  const active = () => alarms.active.map(({ name, details }) => `${name} ${JSON.stringify(details)}`);
  monitor.start();
  block(600);
  hub.clock.advance(61_000);
  block(600);
  assert.deepEqual(active(), [], 'one is none');
  hub.clock.advance(55_000);
  block(600);
  assert.deepEqual(active(), ['event_loop_blocked {"long_schedule":240}']);
  hub.clock.advance(55_000);
  block(600);
  hub.clock.advance(55_000);
  assert.equal(active().length, 1);
  hub.clock.advance(6_000);
  assert.deepEqual(active(), []);
});

test('a client for which publishers waited in vain is reported where that is wanted', () => {
  const reports = (busy_port: boolean) => {
    const { hub, monitor, warnings, takes } = watched({ busy_port, long_schedule: 0 });
    monitor.start();
    const slow = hub.client('slow');
    slow.subscribe('t');
    slow.writable = false;
    hub.client('fast').publish('t', 'x');
    hub.engine.backpressure.takeMet()?.keepWaiting({ goOn() {} });
    hub.clock.advance(1_010);
    return [...takes(), ...warnings];
  };
  const [published, logged, ...others] = reports(true);
  assert.equal(
    published,
    'sysmon/busy_port=busy_port warning: client slow on test:tcp:default reads too slowly',
  );
  assert.match(logged ?? '', /^client reads too slowly \{"clientid":"slow",/);
  assert.deepEqual(others, []);
  assert.deepEqual(reports(false), []);
});

test('after the stop nothing is watched', () => {
  const { hub, monitor } = watched({ busy_port: true });
  monitor.start();
  monitor.stop();
  assert.equal(hub.timers.size, 0);
});

test('another configuration holds at once, and an alarm stays until it is calm', () => {
  const { hub, alarms, monitor, block } = watched();
  const blockTwice = (milliseconds: number) => {
    for (let i = 0; i < 2; i++) {
      block(milliseconds);
      hub.clock.advance(2000);
    }
  };
  monitor.start();
  blockTwice(600);
  monitor.adjust(sysmonConfigSchema.parse({ long_schedule: 0 }));
  assert.equal(alarms.active.length, 1);
  hub.clock.advance(61_000);
  assert.equal(alarms.active.length, 0);
  assert.equal(hub.timers.size, 0);
  monitor.adjust(sysmonConfigSchema.parse({ long_schedule: '100ms', busy_port: true }));
  blockTwice(300);
  assert.equal(alarms.active.length, 1);
  monitor.stop();
  assert.equal(hub.timers.size, 0);
});
