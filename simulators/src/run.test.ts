import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage } from '@portico/codec-gbt32960';
import { gbt32960Simulator } from './gbt32960/index.js';
import { Run } from './run.js';
import { MemoryPlatform } from './testing.js';

/** A simulation of vehicles whose platform is in memory. */
function vehicles(given: Readonly<Record<string, unknown>>, isTTY = false) {
  const platform = new MemoryPlatform();
  const { clock, connect } = platform;
  const written: string[] = [];
  const stdout = { isTTY, write: (text: string) => written.push(text) };
  const run = new Run(gbt32960Simulator.read(given), { clock, connect, stdout });
  return { platform, clock, run, written, finished: run.finish() };
}

/** Lets the vehicle with the first VIN in. */
function letIn(platform: MemoryPlatform) {
  const link = platform.takeOne().opens();
  const vin = 'LTEST000000000001';
  link.sends(encodeMessage({ command: 1, response: 1, vin, data: {} }));
  return link;
}

test('at a terminal one line is written again and again, then a summary; exit code 0', async () => {
  const { platform, clock, finished, written } = vehicles({ duration: '3s' }, true);
  clock.advance(10);
  const link = letIn(platform);
  clock.advance(1_000);
  const [line = ''] = written;
  assert.ok(line.startsWith('\r\u001b[2K'), line);
  assert.match(
    line,
    /1 s {2}connected 1\/1 {2}refused 0 {2}failed 0 {2}lost 0 {2}sent \d+\/s {2}answered 1\/s/,
  );
  assert.match(line, /p50 \S+ ms {2}p99 \S+ ms {2}commands 0$/);
  clock.advance(3_000);
  link.closes();
  assert.equal(await finished, 0);
  const summary = written.at(-1) ?? '';
  assert.match(summary, /1 device, /);
  assert.match(summary, /^logins {7}1 accepted, 0 refused$/m);
});

test('elsewhere the summary alone is written; nobody let in is exit code 1, with the reason', async () => {
  const { platform, clock, finished, written } = vehicles({ duration: '2s' });
  clock.advance(10);
  platform.takeOne().closes('ECONNREFUSED');
  clock.advance(5_000);
  for (const link of platform.take()) link.closes();
  assert.equal(await finished, 1);
  assert.equal(written.length, 1);
  assert.match(written[0] ?? '', /^failed: ECONNREFUSED: 1$/m);
});

test('with --json every line is an object, the last one the summary', async () => {
  const { platform, clock, run, finished, written } = vehicles({ json: true });
  clock.advance(10);
  const link = letIn(platform);
  clock.advance(2_000);
  run.stop();
  link.closes();
  assert.equal(await finished, 0);
  const lines = written.map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ type }) => type),
    ['progress', 'progress', 'summary'],
  );
  const [first, , last] = lines;
  assert.deepEqual([first.devices, first.connected, first.counts.logins], [1, 1, 1]);
  assert.deepEqual(last.reasons, {});
});

test('told to stop once it takes leave; told again it ends the connections', async () => {
  const { platform, clock, run, finished } = vehicles({});
  clock.advance(10);
  const link = letIn(platform);
  link.take();
  run.stop();
  assert.equal(link.ended, 'ended');
  assert.equal(link.take()[2], 0x04);
  run.stop();
  assert.equal(link.ended, 'destroyed');
  await finished;
});
