import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandLog, type CommandView } from './command-log.js';

function view(endpoint: string, reqID: number): CommandView {
  return { endpoint, reqID, msgType: 'read', path: '/3', state: 'done', code: '2.05' };
}

test('the latest commands of all devices are remembered', () => {
  const log = new CommandLog(3);
  assert.deepEqual(log.of('a'), []);
  for (const reqID of [1, 2]) log.add(view('a', reqID));
  log.add(view('b', 3));
  log.add(view('a', 4));
  log.add(view('a', 5));
  assert.deepEqual(log.of('a'), [view('a', 4), view('a', 5)]);
  assert.deepEqual(log.of('b'), [view('b', 3)]);
});
