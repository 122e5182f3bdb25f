import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { TestApi } from '@portico/management/testing';
import { runCommand } from '../testing.js';
import { publish } from './publish.js';
import { cleanRetained, countRetained, listRetained, showRetained } from './retained.js';

const MESSAGE = { topic: 'room/1', qos: '1', clientId: 'me', stdin: Readable.from([]) };

async function withRetained(...payloads: readonly string[]): Promise<TestApi> {
  const api = await TestApi.start();
  const client = api.hub.client('sensor');
  payloads.forEach((payload, index) => void client.publish(`room/${index}`, payload, 1, true));
  return api;
}

test('publish sends what stands behind the topic, from whom and as it is told', async () => {
  const api = await TestApi.start();
  const device = api.hub.client('device');
  device.subscribe('room/#', { qos: 1 });
  const { code, stdout } = await runCommand(api, publish, { ...MESSAGE, payload: 'grün', retain: true });
  assert.deepEqual([code, stdout], [0, 'ok\n']);
  assert.deepEqual(device.take(), ['room/1=grün']);
  const kept = api.hub.engine.retained.get('room/1');
  assert.deepEqual([kept?.qos, kept?.from?.clientId], [1, 'me']);
});

test('that a message is sent but not retained is told on standard error', async () => {
  const api = await TestApi.start({}, { broker: { retained: { max_payload_size: '1' } } });
  const given = await runCommand(api, publish, { ...MESSAGE, payload: 'grün', retain: true });
  const stderr = 'warning: room/1: sent, but not retained: broker.retained has no room for it\n';
  assert.deepEqual(given, { code: 0, stdout: 'ok\n', stderr });
});

test('publish takes the payload byte for byte from standard input where none is given', async () => {
  const api = await TestApi.start();
  const bytes = Buffer.from([0, 0xff, 0x0a]);
  const options = { ...MESSAGE, payload: undefined, retain: true, stdin: Readable.from([bytes]) };
  assert.equal((await runCommand(api, publish, options)).code, 0);
  assert.deepEqual(api.hub.engine.retained.get('room/1')?.payload, bytes);
});

test('publish to a topic with a wildcard is refused', async () => {
  const api = await TestApi.start();
  const { code, stderr } = await runCommand(api, publish, { ...MESSAGE, topic: 'a/#', payload: 'x' });
  assert.equal(code, 1);
  assert.match(stderr, /^the management API refuses: topic "a\/#": /);
});

test('retained messages are listed, those that a filter matches where one is given, and counted', async () => {
  const api = await withRetained('one', 'two');
  const { stdout } = await runCommand(api, listRetained, { filter: 'room/1' });
  const [heading, row, ...rest] = stdout.split('\n');
  assert.equal(heading?.replaceAll(/ +/g, ' '), 'TOPIC QOS BYTES PUBLISHED EXPIRES FROM');
  assert.match(row ?? '', /^room\/1 +1 +3 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +never +sensor$/);
  assert.deepEqual(rest, ['']);
  const all = await runCommand(api, listRetained, { filter: undefined, json: true });
  assert.equal(JSON.parse(all.stdout).length, 2);
  assert.equal((await runCommand(api, countRetained, {})).stdout, 'retained/total: 2\n');
});

test('the payload of a retained message is shown so that it cannot move the cursor', async () => {
  const api = await withRetained('a\u001b[2Jb');
  assert.equal((await runCommand(api, showRetained, { topic: 'room/0' })).stdout, 'a\\x1b[2Jb\n');
  const { stdout } = await runCommand(api, showRetained, { topic: 'room/0', json: true });
  assert.equal(Buffer.from(JSON.parse(stdout).payload, 'base64').toString(), 'a\u001b[2Jb');
  assert.equal((await runCommand(api, showRetained, { topic: 'none' })).code, 1);
});

test('retained clean says how many it has deleted', async () => {
  const api = await withRetained('one', 'two', 'three');
  const clean = async (filter: string | undefined) =>
    (await runCommand(api, cleanRetained, { filter })).stdout;
  assert.equal(await clean('room/1'), 'Cleaned 1 retained message\n');
  assert.equal(await clean(undefined), 'Cleaned 2 retained messages\n');
  assert.equal((await runCommand(api, cleanRetained, { filter: 'a/#/b' })).code, 1);
});
