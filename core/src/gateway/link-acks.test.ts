import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokenStore, channelOf, SlowStore, setUp, turn } from './testing.js';

test('an acknowledgement waits until what was published is durable, and keeps its order', async () => {
  const store = new SlowStore();
  const { connection, stream } = setUp({ store });
  const { peer } = channelOf(stream());
  store.write();
  peer.sendAck('ack 1');
  peer.sendAck('ack 2');
  peer.send('other');
  await turn();
  assert.deepEqual(connection.written, ['other\n']);
  store.waiting[0]?.();
  await turn();
  await turn();
  assert.deepEqual(connection.written, ['other\n', 'ack 1\nack 2\n']);
});

test('what goes behind an acknowledgement waits with it, and at other times for nothing', async () => {
  const store = new SlowStore();
  const { connection, stream } = setUp({ store });
  const { peer } = channelOf(stream());
  peer.sendBehindAcks('before');
  store.write();
  peer.sendAck('ack');
  peer.sendBehindAcks('behind');
  peer.send('other');
  assert.equal(peer.held, 2);
  await turn();
  assert.deepEqual(connection.written, ['before\nother\n']);
  store.waiting[0]?.();
  await turn();
  await turn();
  peer.sendBehindAcks('after');
  assert.equal(peer.held, 0);
  await turn();
  assert.deepEqual(connection.written.join(''), 'before\nother\nack\nbehind\nafter\n');
});

test('an acknowledgement waits for its own commit, not for one that was begun before', async () => {
  const store = new SlowStore();
  const { connection, stream } = setUp({ store });
  const { peer } = channelOf(stream());
  store.write();
  peer.sendAck('ack 1');
  store.write();
  peer.sendAck('ack 2');
  store.waiting[1]?.();
  await turn();
  assert.deepEqual(connection.written, []);
  store.waiting[0]?.();
  await turn();
  await turn();
  assert.deepEqual(connection.written, ['ack 1\nack 2\n']);
});

test('a channel that has more to do than to send an acknowledgement is told when all is durable', async () => {
  const store = new SlowStore();
  const { stream } = setUp({ store });
  const { peer } = channelOf(stream());
  const told: boolean[] = [];
  const run = (durable: boolean) => told.push(durable);
  assert.equal(peer.whenDurable(run), false);
  store.write();
  assert.equal(peer.whenDurable(run), true);
  await turn();
  assert.deepEqual(told, []);
  store.waiting[0]?.();
  await turn();
  assert.deepEqual(told, [true]);
});

test('a channel is told what cannot be made durable, but not once its connection has ended', async () => {
  const { stream } = setUp({ store: new BrokenStore() });
  const told: boolean[] = [];
  for (const end of [false, true]) {
    const { peer } = channelOf(stream());
    peer.whenDurable((durable) => told.push(durable));
    if (end) peer.end('normal');
  }
  await turn();
  assert.deepEqual(told, [false]);
});

test('where nothing can be made durable the connection ends', async () => {
  const { connection, stream } = setUp({ store: new BrokenStore() });
  channelOf(stream()).peer.sendAck('ack');
  await turn();
  await turn();
  assert.deepEqual(connection.written, []);
  assert.equal(connection.ended, true);
});

test('a link that ends behind its acknowledgements sends them first, and hands on nothing that comes meanwhile', async () => {
  const store = new SlowStore();
  const { connection, stream } = setUp({ store });
  const link = stream();
  const { peer, events } = channelOf(link);
  channelOf(link).onLine = () => {
    store.write();
    peer.sendAck('ack');
    if (events.length === 2) peer.endBehindAcks('normal');
  };
  link.onData(Buffer.from('one\ntwo\nthree\n'));
  link.onData(Buffer.from('four\n'));
  store.waiting[0]?.();
  await turn();
  assert.equal(connection.ended, false);
  store.waiting[1]?.();
  await turn();
  await turn();
  assert.deepEqual(connection.written.join(''), 'ack\nack\n');
  assert.equal(connection.ended, true);
  link.onClose('closed');
  assert.deepEqual(events, ['one', 'two', 'closed: normal']);
});

test('where no acknowledgement waits, it ends at once', async () => {
  const { connection, stream } = setUp();
  const { peer } = channelOf(stream());
  peer.sendAck('ack');
  peer.endBehindAcks('normal');
  assert.equal(connection.ended, true);
  assert.deepEqual(connection.written, ['ack\n']);
});

test('where what they rest on cannot be made durable, the end is that of the store', async () => {
  const { connection, stream } = setUp({ store: new BrokenStore() });
  const link = stream();
  const { peer, events } = channelOf(link);
  peer.sendAck('ack');
  peer.endBehindAcks('normal');
  await turn();
  await turn();
  link.onClose('closed');
  assert.deepEqual(connection.written, []);
  assert.deepEqual(events, ['closed: storage_failed']);
});

test('a peer that goes before they have left ends the link when they would have', async () => {
  const store = new SlowStore();
  const { stream, gone } = setUp({ store });
  const link = stream();
  const { peer, events } = channelOf(link);
  store.write();
  peer.sendAck('ack');
  peer.endBehindAcks('normal');
  link.onClose('ECONNRESET');
  assert.deepEqual(events, []);
  store.waiting[0]?.();
  await turn();
  assert.deepEqual(events, ['closed: normal']);
  assert.equal(gone.length, 1);
});
