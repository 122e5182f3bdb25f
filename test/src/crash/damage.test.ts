import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Backlog } from './backlog.js';

const MESSAGES = 50;

/** The file that the store has written to last. */
async function lastSegment(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort();
  return join(folder, names.at(-1) ?? '');
}

function linesWith(output: string, text: string): string[] {
  return output.split('\n').filter((line) => line.includes(text));
}

test('a batch that was cut short and never confirmed is left out, and all that was confirmed is there', async (t) => {
  const backlog = await Backlog.create(t);
  await backlog.publish(MESSAGES);
  await backlog.kill();
  const segment = await lastSegment(backlog.hub.storeFolder);
  // The beginning of the first record, behind the header of the file.
  await appendFile(segment, (await readFile(segment)).subarray(40, 40 + 17));
  await backlog.start();
  assert.equal(linesWith(backlog.hub.output, 'WARN').length, 1, backlog.hub.output);
  assert.deepEqual(linesWith(backlog.hub.output, 'ERROR'), []);
  await backlog.publish(1);
  assert.deepEqual(await backlog.receive(), []);
});

test('a file that has lost its last bytes costs the last batch and no more', async (t) => {
  const backlog = await Backlog.create(t);
  await backlog.publish(MESSAGES);
  await backlog.kill();
  const segment = await lastSegment(backlog.hub.storeFolder);
  await truncate(segment, (await readFile(segment)).length - 5);
  await backlog.start();
  await backlog.publish(1);
  assert.deepEqual(await backlog.receive(), [
    { kind: 'loss', text: `subscriber, QoS 1: backlog/0: 1 message: ${MESSAGES - 1}` },
  ]);
});

test('a changed bit is reported once, with its place, and costs the message that it is in and no more', async (t) => {
  const backlog = await Backlog.create(t);
  await backlog.publish(MESSAGES);
  await backlog.kill();
  const segment = await lastSegment(backlog.hub.storeFolder);
  const bytes = await readFile(segment);
  const changed = bytes.indexOf(backlog.lane.payload(20)) + 30;
  bytes[changed] = (bytes[changed] ?? 0) ^ 4;
  await writeFile(segment, bytes);
  await backlog.start();
  const [report, ...others] = linesWith(backlog.hub.output, 'ERROR');
  assert.match(report ?? '', /the store is damaged.* file=\S+\.log offset=\d+/);
  assert.deepEqual(others, []);
  await backlog.publish(1);
  assert.deepEqual(await backlog.receive(), [
    { kind: 'loss', text: 'subscriber, QoS 1: backlog/0: 1 message: 20' },
  ]);
});
