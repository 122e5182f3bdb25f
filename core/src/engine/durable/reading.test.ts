import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../store/memory-store.js';
import { Message } from '../message.js';
import { encodeMessageRecord } from './message-record.js';
import { Falls, PERSISTENT, read } from './testing/falls.js';

/** A store whose values cannot be read for a while. */
class Unreadable extends MemoryStore {
  failing = false;
  asked = 0;

  constructor() {
    super({ durable: true });
  }

  override get(table: string, key: string): Promise<Buffer | undefined> {
    this.asked++;
    return this.failing ? Promise.reject(new Error('EIO')) : super.get(table, key);
  }
}

test('messages that cannot be read at present are read later, in their order', async () => {
  const store = new Unreadable();
  const falls = new Falls({}, store);
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('t', { qos: 1 });
  app.session.close('closed');
  for (const payload of ['1', '2', '3']) first.client('d').publish('t', payload, 1);
  store.failing = true;
  const second = await falls.start();
  const back = second.client('app', PERSISTENT);
  await read(second);
  assert.deepEqual([back.take(), store.asked], [[], 3], 'not again at once');
  store.failing = false;
  falls.clock.advance(1010);
  await read(second);
  assert.deepEqual(back.take(), ['t=1', 't=2', 't=3']);
});

test('a message that cannot be understood is dropped and counted; what is behind it goes on', async () => {
  const falls = new Falls();
  const first = await falls.start();
  const app = first.client('app', PERSISTENT);
  app.subscribe('t', { qos: 1 });
  app.session.close('closed');
  for (const payload of ['1', '2', '3']) first.client('d').publish('t', payload, 1);
  const [, second = ''] = falls.store.keys('deliveries');
  const record = (await falls.store.get('deliveries', second)) ?? Buffer.alloc(0);
  const message = encodeMessageRecord(new Message({ topic: 't', payload: Buffer.from('2'), timestamp: 0 }));
  const changed = Buffer.from(record);
  changed[record.length - message.length] = 99;
  falls.store.put('deliveries', second, changed);
  const hub = await falls.start();
  const back = hub.client('app', PERSISTENT);
  await read(hub);
  assert.deepEqual(back.take(), ['t=1', 't=3']);
  assert.equal(hub.metrics.get('delivery.dropped.lost'), 1);
});

test('what a session of a group leaves goes to the others in order, also when the store cannot be read at once', async () => {
  const store = new Unreadable();
  const falls = new Falls({}, store);
  const hub = await falls.start();
  const leaving = hub.client('leaving', PERSISTENT);
  leaving.subscribe('$share/g/t', { qos: 1 });
  leaving.session.close('closed');
  const payloads = Array.from({ length: 100 }, (_, i) => String(i));
  for (const payload of payloads) hub.client('d').publish('t', payload, 1);
  const other = hub.client('other');
  other.subscribe('$share/g/t', { qos: 1 });
  store.failing = true;
  hub.engine.kick('leaving');
  await read(hub);
  assert.deepEqual(other.take(), []);
  store.failing = false;
  falls.clock.advance(1010);
  await read(hub);
  assert.deepEqual(
    other.received.map(({ payload }) => payload),
    payloads,
  );
  for (const table of ['sessions', 'messages', 'deliveries']) assert.deepEqual([...store.keys(table)], []);
});

test('what a group is to get from a session that is over survives a fall of the hub', async () => {
  const store = new Unreadable();
  const falls = new Falls({}, store);
  const first = await falls.start();
  first.client('other', PERSISTENT).subscribe('$share/g/t', { qos: 1 });
  const leaving = first.client('leaving', PERSISTENT);
  leaving.subscribe('$share/g/t', { qos: 1 });
  first.client('other', PERSISTENT).session.close('closed');
  leaving.session.close('closed');
  const device = first.client('d');
  for (const payload of ['1', '2', '3', '4']) device.publish('t', payload, 1);
  store.failing = true;
  first.engine.kick('leaving');
  first.client('leaving', PERSISTENT).session.close('closed');

  store.failing = false;
  const second = await falls.start();
  await read(second);
  const other = second.client('other', PERSISTENT);
  await read(second);
  assert.deepEqual(other.take().sort(), ['t=1', 't=2', 't=3', 't=4']);
  assert.deepEqual([...second.engine.sessions.keys()].sort(), ['leaving', 'other']);
  assert.equal([...store.keys('sessions')].length, 2);
});

test('retained messages and bans that cannot be understood are left out', async () => {
  const falls = new Falls();
  const first = await falls.start();
  for (const topic of ['r', 's']) first.client('d').publish(topic, 'x', 1, true);
  falls.store.put('retained', 'r', Buffer.from([99]));
  falls.store.put('bans', 'clientid:a', Buffer.from('{'));
  falls.store.put('bans', 'shoe:b', Buffer.from('{"as":"shoe","who":"b"}'));
  const second = await falls.start();
  assert.deepEqual([second.engine.retained.size, second.engine.bans.size], [1, 0]);
});
