import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/eventually.js';
import { Backlog } from './backlog.js';
import { inTime } from './in-time.js';

/** Publishes until the store takes nothing on, for a reason. */
async function publishUntilRefused({ hub, publisher }: Backlog, reason: string): Promise<void> {
  publisher.begin();
  await eventually('a full store', () => hub.output.includes(`reason=${reason}`));
}

async function assertNothingLost(backlog: Backlog): Promise<void> {
  await inTime('all acknowledgements', [backlog.publisher.finish()]);
  assert.deepEqual(await backlog.receive(), []);
  assert.ok(backlog.lane.messages.every(({ acknowledged }) => acknowledged));
}

test('what a full disk has no room for is not acknowledged, and is taken when there is room again', async (t) => {
  const backlog = await Backlog.create(t);
  await backlog.publish(20);
  backlog.hub.fillDisk();
  await publishUntilRefused(backlog, 'full');
  backlog.hub.freeDisk();
  await assertNothingLost(backlog);
});

test('a hub that is killed while its disk is full has kept what it has acknowledged', async (t) => {
  const backlog = await Backlog.create(t);
  await backlog.publish(20);
  backlog.hub.fillDisk();
  await publishUntilRefused(backlog, 'full');
  await backlog.kill();
  await backlog.start();
  await assertNothingLost(backlog);
});

test('a hub that is killed when its store holds all that it may has kept what it has acknowledged', async (t) => {
  const backlog = await Backlog.create(t, { max_bytes: '1MB' });
  await publishUntilRefused(backlog, 'quota');
  await backlog.kill();
  await backlog.start({ max_bytes: '1MB' });
  await backlog.kill();
  await backlog.start();
  await assertNothingLost(backlog);
});
