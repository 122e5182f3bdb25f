import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createLogger, type LogConfig, PorticoError, VirtualClock } from '@portico/core';
import { type Runtime, runUntilStopped } from './lifecycle.js';

const LISTENERS: Runtime['listeners'] = [
  { name: 'mqtt:tcp:default', address: { host: '127.0.0.1', port: 1883 } },
  { name: 'coap:udp:default', address: { host: '::1', port: 5683 } },
];

interface Settle {
  resolve(): void;
  reject(error: unknown): void;
}

/** Runs a stand-in whose start and stop end when the test says so. */
function run(format: LogConfig['format'] = 'text') {
  const calls: string[] = [];
  const pending: Record<string, Settle> = {};
  const call = (name: string) => () => {
    calls.push(name);
    return new Promise<void>((resolve, reject) => {
      pending[name] = { resolve, reject };
    });
  };
  const reload = async () => {
    calls.push('reload');
    return [];
  };
  const runtime: Runtime = { start: call('start'), stop: call('stop'), reload, listeners: LISTENERS };
  const written = { stdout: '', stderr: '' };
  const log = createLogger({
    level: 'info',
    format,
    output: { write: (text) => (written.stdout += text) },
  });
  const host = new EventEmitter();
  const clock = new VirtualClock();
  const stderr = { write: (text: string) => (written.stderr += text) };
  const exitCode = runUntilStopped({ runtime, version: '1.2.3', log, clock, host, stderr });
  return { calls, pending, written, host, clock, exitCode };
}

test('the listeners are named when they accept, then the version, in either format', async () => {
  const lines = [
    'Listening on mqtt:tcp:default at 127.0.0.1:1883',
    'Listening on coap:udp:default at [::1]:5683',
    'Portico 1.2.3 is running',
  ];
  const text = run('text');
  assert.equal(text.written.stdout, '');
  text.pending.start?.resolve();
  await turn();
  assert.deepEqual(text.written.stdout.trimEnd().split('\n'), lines);

  const json = run('json');
  json.pending.start?.resolve();
  await turn();
  const logged = json.written.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).msg);
  assert.deepEqual(logged, lines);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} stops gracefully: exit code 0, and nothing listens to the process any more`, async () => {
    const { calls, pending, host, exitCode } = run();
    pending.start?.resolve();
    await turn();
    host.emit(signal, signal);
    assert.deepEqual(calls, ['start', 'stop']);
    pending.stop?.resolve();
    assert.equal(await exitCode, 0);
    assert.deepEqual(host.eventNames(), []);
  });
}

test('SIGHUP reloads while it runs, each time, and neither before nor after', async () => {
  const { calls, pending, host, written, exitCode } = run();
  host.emit('SIGHUP', 'SIGHUP');
  await turn();
  pending.start?.resolve();
  await turn();
  for (let i = 0; i < 2; i++) host.emit('SIGHUP', 'SIGHUP');
  await turn();
  assert.deepEqual(calls, ['start', 'reload', 'reload']);
  assert.equal(written.stdout.match(/INFO: Certificates, keys and access files reloaded/g)?.length, 2);
  host.emit('SIGTERM', 'SIGTERM');
  host.emit('SIGHUP', 'SIGHUP');
  await turn();
  pending.stop?.resolve();
  assert.equal(await exitCode, 0);
  assert.deepEqual(calls, ['start', 'reload', 'reload', 'stop']);
});

test('a signal during the start stops as soon as the start is over', async () => {
  const { calls, pending, host, written, exitCode } = run();
  host.emit('SIGTERM', 'SIGTERM');
  assert.deepEqual(calls, ['start']);
  pending.start?.resolve();
  await turn();
  assert.deepEqual(calls, ['start', 'stop']);
  pending.stop?.resolve();
  assert.equal(await exitCode, 0);
  assert.ok(!written.stdout.includes('is running'));
});

test('a second signal ends it at once with exit code 1', async () => {
  const { pending, host, exitCode } = run();
  pending.start?.resolve();
  await turn();
  host.emit('SIGINT', 'SIGINT');
  host.emit('SIGINT', 'SIGINT');
  assert.equal(await exitCode, 1);
});

test('a stop that takes longer than 5 s is cut off with exit code 1', async () => {
  const { pending, host, clock, written, exitCode } = run();
  pending.start?.resolve();
  await turn();
  host.emit('SIGTERM', 'SIGTERM');
  clock.advance(4999);
  assert.ok(!written.stdout.includes('Not everything'));
  clock.advance(1);
  assert.equal(await exitCode, 1);
  assert.match(written.stdout, /ERROR: Not everything stopped within 5 s/);
});

test('an error for the operator at the start is two lines on stderr: what happened and what to do', async () => {
  const { pending, written, exitCode } = run();
  pending.start?.reject(new PorticoError('PORTICO_ERR_LISTEN', 'mqtt:tcp:default: port 1883 is taken'));
  assert.equal(await exitCode, 1);
  assert.equal(
    written.stderr,
    'a listener cannot be opened: mqtt:tcp:default: port 1883 is taken\nFree the port or change the key named.\n',
  );
  assert.equal(written.stdout, '');
});

test('a bug at the start, at the stop, or one that nobody catches is logged with its stack: exit code 1', async () => {
  const start = run();
  start.pending.start?.reject(new TypeError('no good'));
  assert.equal(await start.exitCode, 1);
  assert.match(start.written.stdout, /FATAL: The start failed\n {4}TypeError: no good\n {4}at /);

  const stop = run();
  stop.pending.start?.resolve();
  await turn();
  stop.host.emit('SIGTERM', 'SIGTERM');
  stop.pending.stop?.reject(new TypeError('no good'));
  assert.equal(await stop.exitCode, 1);
  assert.match(stop.written.stdout, /ERROR: The stop failed\n {4}TypeError: no good/);

  for (const event of ['uncaughtException', 'unhandledRejection']) {
    const running = run();
    running.pending.start?.resolve();
    await turn();
    running.host.emit(event, new TypeError('no good'));
    assert.equal(await running.exitCode, 1);
    assert.match(running.written.stdout, /FATAL: Nobody caught this.*\n {4}TypeError: no good/);
  }
});
