import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestApi } from '@portico/management/testing';
import { runCommand } from '../testing.js';
import {
  addTopicMetrics,
  listTopicMetrics,
  removeAllTopicMetrics,
  removeTopicMetrics,
  showTopicMetrics,
} from './topic-metrics.js';

const OK = { code: 0, stdout: 'ok\n', stderr: '' };

test('topics are measured, listed with what passed through them, and shown', async () => {
  const api = await TestApi.start();
  assert.deepEqual(await runCommand(api, addTopicMetrics, { topic: 'room/1' }), OK);
  const client = api.hub.client('a');
  client.subscribe('room/1');
  for (let i = 0; i < 10; i++) client.publish('room/1', 'x', 1);
  api.hub.clock.advance(5000);
  assert.equal(
    (await runCommand(api, listTopicMetrics, {})).stdout,
    'TOPIC   IN  IN/S  OUT  OUT/S  DROPPED\nroom/1  10  2     10   2      0\n',
  );
  const { stdout } = await runCommand(api, showTopicMetrics, { topic: 'room/1' });
  assert.match(stdout, /^messages\.qos1\.in\.count +10$/m);
  const shown = await runCommand(api, showTopicMetrics, { topic: 'room/1', json: true });
  assert.equal(JSON.parse(shown.stdout)['messages.in.rate'], 2);
});

test('topics are measured no more, one or all', async () => {
  const api = await TestApi.start();
  for (const topic of ['a', 'b/c', 'd']) await runCommand(api, addTopicMetrics, { topic });
  assert.deepEqual(await runCommand(api, removeTopicMetrics, { topic: 'b/c' }), OK);
  const list = async () => JSON.parse((await runCommand(api, listTopicMetrics, { json: true })).stdout);
  assert.deepEqual(
    (await list()).map(({ topic }: { topic: string }) => topic),
    ['a', 'd'],
  );
  assert.deepEqual(await runCommand(api, removeAllTopicMetrics, {}), OK);
  assert.deepEqual(await list(), []);
});

test('what is no topic, is measured already or is not measured is told', async () => {
  const api = await TestApi.start();
  await runCommand(api, addTopicMetrics, { topic: 'a' });
  for (const [command, topic, reason] of [
    [addTopicMetrics, 'a/#', /^the management API refuses: topic: /],
    [addTopicMetrics, 'a', /is measured already\n/],
    [showTopicMetrics, 'b', /^not found: the topic is not measured\n/],
    [removeTopicMetrics, 'b', /^not found: the topic is not measured\n/],
  ] as const) {
    const { code, stderr } = await runCommand(api, command, { topic });
    assert.equal(code, 1, topic);
    assert.match(stderr, reason);
  }
});
