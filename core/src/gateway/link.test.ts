import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../runtime/logger.js';
import { Counter, Gauge } from '../runtime/metrics.js';
import { PendingBytes, SEND_HIGH_WATER, SMALL_SHARE } from './pending-bytes.js';
import { channelOf, PENDING_LIMIT, passed, setUp, type TestChannel, turn } from './testing.js';

test('frames reach the channel however the bytes are cut; what it sends in a turn leaves in one write', async () => {
  const { connection, stream, services } = setUp();
  const link = stream();
  const channel = channelOf(link);
  channel.onLine = (line) => channel.peer.send(`re ${line}`);
  for (const piece of ['on', 'e\ntwo', '\nthree\n']) link.onData(Buffer.from(piece));
  assert.deepEqual(channel.events, ['one', 'two', 'three']);
  assert.deepEqual(connection.written, []);
  await turn();
  assert.deepEqual(connection.written, ['re one\nre two\nre three\n']);
  assert.equal(services.counters.bytesReceived.value, 14);
  assert.equal(services.counters.bytesSent.value, 23);
  assert.deepEqual(passed(link), [14, 3, 3, 23, 1, 3]);
});

test('a promise from the channel holds further frames back and stops reading, in order, bytes kept', async () => {
  const { connection, stream } = setUp();
  const link = stream();
  const channel = channelOf(link);
  let settle = () => {};
  channel.onLine = (line) => {
    return line === 'wait' ? new Promise<void>((resolve) => (settle = resolve)) : undefined;
  };
  const chunk = Buffer.from('wait\nafter\n');
  link.onData(chunk);
  chunk.fill(0);
  link.onData(Buffer.from('later\n'));
  assert.deepEqual(channel.events, ['wait']);
  assert.equal(connection.paused, true);
  settle();
  await turn();
  assert.deepEqual(channel.events, ['wait', 'after', 'later']);
  assert.equal(connection.paused, false);
});

test('malformed input is answered and ends the connection; nothing behind it is handled', async () => {
  const { connection, stream, services } = setUp();
  const link = stream();
  link.onData(Buffer.from('good\nbad\nafter\n'));
  assert.deepEqual(channelOf(link).events, ['good', 'error: a bad line']);
  assert.deepEqual(connection.written, ['sorry\n']);
  assert.equal(connection.ended, true);
  assert.equal(services.counters.frameErrors.value, 1);
  link.onClose('local');
  assert.equal(channelOf(link).events.at(-1), 'closed: malformed_input');
});

test('a bug in the codec, in the channel or in what it awaits closes this connection at once', async () => {
  const breakings: ((channel: TestChannel) => void)[] = [
    () => {},
    (channel) => {
      channel.onLine = () => {
        throw new TypeError('a bug');
      };
    },
    (channel) => {
      channel.onLine = () => Promise.reject(new TypeError('a bug'));
    },
  ];
  for (const [i, breaking] of breakings.entries()) {
    const { connection, stream } = setUp();
    const link = stream();
    breaking(channelOf(link));
    link.onData(Buffer.from(i === 0 ? 'bug\n' : 'line\n'));
    await turn();
    assert.equal(connection.destroyed, true);
    link.onClose('local');
    assert.equal(channelOf(link).events.at(-1), 'closed: internal_error');
  }
});

test('closing sends what waits first; afterwards nothing is sent or handled and the timer is off', async () => {
  const { connection, stream, clock, gone } = setUp();
  const link = stream();
  const channel = channelOf(link);
  channel.peer.setTimer(100);
  channel.peer.send('last');
  channel.peer.end('normal');
  channel.peer.send('never');
  link.onData(Buffer.from('late\n'));
  clock.advance(1000);
  await turn();
  assert.deepEqual(connection.written, ['last\n']);
  assert.equal(connection.ended, true);
  link.onClose('local');
  link.onClose('again');
  assert.deepEqual(channel.events, ['closed: normal']);
  assert.equal(gone.length, 1);
});

test('the channel has one timer, which it may set again', () => {
  const { stream, clock } = setUp();
  const link = stream();
  const channel = channelOf(link);
  channel.peer.setTimer(100);
  channel.peer.setTimer(300);
  clock.advance(250);
  assert.deepEqual(channel.events, []);
  clock.advance(100);
  assert.deepEqual(channel.events, ['timer']);
});

test('how long a peer may be silent is for its channel to say, unless it has a bug', () => {
  const { connection, datagram } = setUp();
  const link = datagram();
  const channel = channelOf(link);
  assert.equal(link.mayBeSilent(), false);
  Object.assign(channel, { mayBeSilent: () => true });
  assert.equal(link.mayBeSilent(), true);
  Object.assign(channel, { mayBeSilent: () => assert.fail('a bug') });
  assert.equal(link.mayBeSilent(), false);
  assert.equal(connection.destroyed, true);
});

test('a stopping gateway lets the channel say goodbye', () => {
  const { connection, stream } = setUp();
  stream().shutdown();
  assert.deepEqual(connection.written, ['goodbye\n']);
  assert.equal(connection.ended, true);
});

test('a peer is not writable while too much waits for it, until all of it is gone', async () => {
  const { connection, stream } = setUp();
  const link = stream();
  const { peer } = channelOf(link);
  connection.pendingBytes = SEND_HIGH_WATER;
  peer.send('x');
  assert.equal(peer.writable, true);
  await turn();
  assert.equal(peer.writable, false);
  connection.pendingBytes = 0;
  link.onWritable();
  assert.equal(peer.writable, true);
  assert.deepEqual(channelOf(link).events, ['writable']);
});

test('while too much waits for all peers, one that has some waiting is not writable', async () => {
  const { connection, stream, services, exceeded } = setUp();
  const link = stream();
  const { peer } = channelOf(link);
  const look = async (pendingBytes: number) => {
    connection.pendingBytes = pendingBytes;
    peer.send('x');
    await turn();
    return peer.writable;
  };
  assert.equal(await look(SMALL_SHARE), true);
  services.pending.add(PENDING_LIMIT);
  assert.equal(exceeded.value, 1);
  assert.equal(await look(SMALL_SHARE), false);
  assert.equal(await look(SMALL_SHARE - 1), true);
  services.pending.add(-PENDING_LIMIT / 4);
  assert.equal(await look(SMALL_SHARE), false, 'it is not quite over');
  services.pending.add(-PENDING_LIMIT / 4);
  assert.equal(await look(SMALL_SHARE), true);
  assert.equal(exceeded.value, 1);
});

test('what waits for a peer counts until it has taken it or is gone', async () => {
  const gauge = new Gauge('pending', '');
  const pending = new PendingBytes(0, gauge, new Counter('exceeded', ''), silentLogger);
  const { connection, stream } = setUp({ pending });
  const link = stream();
  const { peer } = channelOf(link);
  connection.pendingBytes = 1000;
  peer.send('x');
  await turn();
  assert.equal(gauge.value, 1000);
  connection.pendingBytes = 1500;
  peer.send('x');
  await turn();
  assert.equal(gauge.value, 1500);
  connection.pendingBytes = 0;
  link.onWritable();
  assert.equal(gauge.value, 0);
  connection.pendingBytes = 700;
  peer.send('x');
  await turn();
  peer.send('written after the end');
  link.onClose('closed');
  await turn();
  assert.equal(gauge.value, 0);
});

test('a peer that takes none of its answers is not read from until it has', async () => {
  const { connection, stream } = setUp();
  const link = stream();
  const channel = channelOf(link);
  channel.onLine = () => channel.peer.send('answer');
  connection.pendingBytes = 2 * SEND_HIGH_WATER;
  link.onData(Buffer.from('one\n'));
  await turn();
  assert.equal(connection.paused, true);
  link.onData(Buffer.from('two\n'));
  assert.deepEqual(channel.events, ['one']);
  connection.pendingBytes = 0;
  link.onWritable();
  assert.deepEqual(channel.events, ['one', 'two', 'writable']);
  assert.equal(connection.paused, false);
});

test('more than an outbox holds is written before the turn ends, bytes in order', async () => {
  const { connection, stream } = setUp();
  const { peer } = channelOf(stream());
  const line = 'x'.repeat(30_000);
  for (const digit of ['1', '2', '3', '4']) peer.send(digit + line);
  assert.ok(connection.written.length >= 1);
  peer.send(`5${'y'.repeat(200_000)}`);
  await turn();
  const digits = connection.written
    .join('')
    .split('\n')
    .map((sent) => sent.slice(0, 1));
  assert.deepEqual(digits, ['1', '2', '3', '4', '5', '']);
});

test('datagrams: one frame each, both ways; a malformed one is answered and the peer lives on', () => {
  const { connection, datagram, services } = setUp();
  const link = datagram();
  const channel = channelOf(link);
  channel.onLine = (line) => channel.peer.send(`re ${line}`);
  link.onData(Buffer.from('one'));
  link.onData(Buffer.from('bad'));
  link.onData(Buffer.from('two'));
  assert.deepEqual(connection.written, ['re one\n', 'sorry\n', 're two\n']);
  assert.equal(connection.ended, false);
  assert.equal(services.counters.frameErrors.value, 1);
  assert.deepEqual(passed(link), [9, 3, 2, 20, 3, 3]);
});

test('while a datagram is handled asynchronously sixteen wait, further ones are dropped and counted', async () => {
  const { datagram, services } = setUp();
  const link = datagram();
  const channel = channelOf(link);
  let settle = () => {};
  channel.onLine = (line) => {
    return line === 'wait' ? new Promise<void>((resolve) => (settle = resolve)) : undefined;
  };
  link.onData(Buffer.from('wait'));
  const reused = Buffer.alloc(2);
  for (let i = 10; i < 30; i++) {
    reused.write(String(i));
    link.onData(reused);
  }
  settle();
  await turn();
  assert.deepEqual(channel.events, ['wait', ...Array.from({ length: 16 }, (_, i) => String(10 + i))]);
  assert.equal(services.counters.datagramsDropped.busy.value, 4);
});

test('a datagram that the network has not taken yet keeps its bytes', () => {
  const { connection, datagram } = setUp();
  const { peer } = channelOf(datagram());
  const sent: Buffer[] = [];
  connection.write = (bytes) => {
    sent.push(bytes);
    return false;
  };
  peer.send('first');
  peer.send('second');
  assert.deepEqual(sent.map(String), ['first\n', 'second\n']);
});
