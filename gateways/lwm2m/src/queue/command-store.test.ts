import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStorage } from '../commands/testing/parts.js';
import { CommandStore } from './command-store.js';

const NEVER = Number.POSITIVE_INFINITY;

test('commands of a device are there after a restart, in order, once', async () => {
  const storage = newStorage();
  const before = new CommandStore(storage);
  for (const text of ['a', 'b', 'c']) {
    before.save('dev\0ice', { number: before.nextNumber(), text, expiresAt: NEVER, sent: text === 'a' });
  }
  before.save('other', { number: before.nextNumber(), text: 'd', expiresAt: 5, sent: false });
  before.forget('dev\0ice', 2);

  const after = new CommandStore(storage);
  assert.deepEqual(await after.take('dev\0ice'), [
    { number: 1, text: 'a', expiresAt: NEVER, sent: true },
    { number: 3, text: 'c', expiresAt: NEVER, sent: false },
  ]);
  assert.deepEqual(await after.take('dev\0ice'), []);
  assert.deepEqual(await after.take('other'), [{ number: 4, text: 'd', expiresAt: 5, sent: false }]);
  assert.equal(after.nextNumber(), 5);
});

test('what is not taken can be discarded', async () => {
  const storage = newStorage();
  new CommandStore(storage).save('a', { number: 1, text: 'x', expiresAt: NEVER, sent: false });
  const store = new CommandStore(storage);
  store.discard('a');
  store.discard('nobody');
  assert.deepEqual(await store.take('a'), []);
  assert.deepEqual([...storage.keys()], []);
});

test('what cannot be understood is forgotten, and the keys of others left alone', async () => {
  const storage = newStorage();
  storage.put('command\x007\0a', Buffer.from('{"text":1}'));
  storage.put('command\x008\0a', Buffer.from('{'));
  storage.put('device\0a', Buffer.from('x'));
  storage.put('command\0x\0a', Buffer.from('x'));
  assert.deepEqual(await new CommandStore(storage).take('a'), []);
  assert.deepEqual([...storage.keys()], ['device\0a', 'command\0x\0a']);
});
