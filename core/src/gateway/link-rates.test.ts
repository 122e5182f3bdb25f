import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someClient } from '../access/testing.js';
import { SlowConsumer } from '../engine/backpressure.js';
import { channelOf, setUp, turn } from './testing.js';

test('a client over its message rate is read from again when its tokens are back', () => {
  const { connection, stream, clock, backpressure } = setUp({ messages: { burst: 2, perSecond: 1 } });
  const link = stream();
  const channel = channelOf(link);
  channel.onLine = () => void backpressure.publications++;
  link.onData(Buffer.from('1\n2\n3\n4\n'));
  assert.deepEqual(channel.events, ['1', '2', '3']);
  assert.equal(connection.paused, true);
  clock.advance(1_010);
  assert.deepEqual(channel.events, ['1', '2', '3', '4']);
  clock.advance(1_010);
  assert.equal(connection.paused, false);
});

test('bytes over their rate wait until they are paid for', () => {
  const { connection, stream, clock } = setUp({ bytes: { burst: 4, perSecond: 2 } });
  const link = stream();
  const { events } = channelOf(link);
  link.onData(Buffer.from('1\n2\n'));
  assert.deepEqual(events, ['1', '2']);
  link.onData(Buffer.from('3\n'));
  assert.deepEqual(events, ['1', '2']);
  assert.equal(connection.paused, true);
  clock.advance(1_010);
  assert.deepEqual(events, ['1', '2', '3']);
  assert.equal(connection.paused, false);
});

test('datagrams that come faster than their rate are handled at their rate, and dropped beyond what may wait', () => {
  const { datagram, clock, services } = setUp({ bytes: { burst: 10, perSecond: 10 } });
  const link = datagram();
  const { events } = channelOf(link);
  const seconds = 20;
  for (let i = 0; i < seconds * 100; i++) {
    link.onData(Buffer.from('0123456789'));
    clock.advance(10);
  }
  assert.ok(events.length >= seconds && events.length <= seconds + 2, `${events.length} handled`);
  clock.advance(60_000);
  const { value: dropped } = services.counters.datagramsDropped.rate;
  assert.equal(events.length + dropped, seconds * 100);
  assert.ok(events.length <= seconds + 18, `${events.length} handled in the end`);
});

test('one timer waits for all datagrams over a rate, and none for a peer that is gone', () => {
  const { datagram, timers, clock, connection } = setUp({ bytes: { burst: 1, perSecond: 1 } });
  const link = datagram();
  for (let i = 0; i < 40; i++) link.onData(Buffer.from('0123456789'));
  assert.equal(timers.size, 1);
  link.end('normal');
  assert.equal(connection.ended, true);
  link.onClose('local');
  assert.equal(timers.size, 0);
  clock.advance(60_000);
  assert.deepEqual(channelOf(link).events, ['0123456789', 'closed: normal']);
});

test('a publisher that meets a slow consumer is held until it has caught up; a datagram peer never is', async () => {
  const { connection, stream, datagram, backpressure } = setUp();
  const consumer = new SlowConsumer(backpressure, { client: someClient() });
  const publish = () => {
    backpressure.publications++;
    consumer.notWritable();
  };
  const link = stream();
  const channel = channelOf(link);
  channel.onLine = publish;
  link.onData(Buffer.from('1\n2\n'));
  assert.deepEqual(channel.events, ['1']);
  assert.equal(connection.paused, true);
  channel.onLine = () => {};
  consumer.caughtUp();
  await turn();
  assert.deepEqual(channel.events, ['1', '2']);
  assert.equal(connection.paused, false);
  const udp = datagram();
  channelOf(udp).onLine = publish;
  udp.onData(Buffer.from('1'));
  udp.onData(Buffer.from('2'));
  assert.deepEqual(channelOf(udp).events, ['1', '2']);
});
