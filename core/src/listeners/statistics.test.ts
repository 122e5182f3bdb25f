import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../runtime/clock.js';
import { type Logger, silentLogger } from '../runtime/logger.js';
import { Metrics } from '../runtime/metrics.js';
import { Timers } from '../runtime/timers.js';
import { ListenerRecorder } from './statistics.js';

const PEER = { host: '192.0.2.1', port: 40000 };

function recorder() {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const lines: Readonly<Record<string, unknown>>[] = [];
  const collect = (fields: string | Readonly<Record<string, unknown>>): void => {
    if (typeof fields === 'object') lines.push(fields);
  };
  const log: Logger = {
    ...silentLogger,
    info: collect,
    warn: collect,
    isLevelEnabled: (level) => level === 'info' || level === 'warn',
    child: () => log,
  };
  const timers = new Timers(clock, (error) => {
    throw error;
  });
  const context = { clock, timers, metrics, log };
  return { clock, metrics, lines, recorder: new ListenerRecorder('mqtt:tcp:default', 5, context) };
}

test('what becomes of peers is counted, for the listener and for the hub', () => {
  const { metrics, recorder: it } = recorder();
  it.opened();
  it.opened();
  it.closed();
  it.refused('access', PEER);
  it.refused('access', PEER);
  it.refused('max_connections', PEER);
  assert.deepEqual(it.statistics, {
    connections: 1,
    maxConnections: 5,
    accepted: 2,
    refused: { access: 2, max_connections: 1 },
  });
  assert.equal(metrics.get('listeners.accepted'), 2);
  assert.equal(metrics.get('listeners.refused.access'), 2);
  const [open] = metrics.gauges();
  assert.deepEqual([open?.name, open?.value, open?.max], ['listeners.connections', 1, 2]);
});

test('a flood of refusals does not flood the log, and nothing is lost from the counts', () => {
  const { clock, lines, recorder: it } = recorder();
  for (let i = 0; i < 5000; i++) it.refused('max_connections', PEER);
  assert.equal(lines.length, 10);
  clock.advance(1000);
  it.refused('max_connections', PEER, 'detail');
  assert.deepEqual(lines.at(-1), {
    peer: '192.0.2.1:40000',
    reason: 'max_connections',
    detail: 'detail',
    unlogged: 4990,
  });
  assert.equal(it.statistics.refused.max_connections, 5001);
});

test('a peer that merely left again makes no line', () => {
  const { lines, recorder: it } = recorder();
  it.refused('gone', PEER);
  assert.deepEqual(lines, []);
});
