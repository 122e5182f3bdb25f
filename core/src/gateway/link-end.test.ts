import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamLink } from './stream-link.js';
import { channelOf, SlowStore, setUp, turn } from './testing.js';

test('frames that came before the end of the connection are handled though they had to wait', () => {
  const { stream, clock, backpressure } = setUp({ messages: { burst: 2, perSecond: 1 } });
  const link = stream();
  const channel = channelOf(link);
  channel.onLine = () => void backpressure.publications++;
  link.onData(Buffer.from('1\n2\n3\n4\n'));
  link.onClose('closed');
  assert.deepEqual(channel.events, ['1', '2', '3']);
  clock.advance(1_010);
  clock.advance(1_010);
  assert.deepEqual(channel.events, ['1', '2', '3', '4', 'closed: closed']);
});

test('frames that have to wait for ever do not keep a connection that has ended', () => {
  const { stream, clock } = setUp();
  const link = stream();
  const channel = channelOf(link);
  channel.onLine = () => new Promise<void>(() => {});
  link.onData(Buffer.from('1\n2\n'));
  link.onClose('closed');
  assert.deepEqual(channel.events, ['1']);
  clock.advance(10_010);
  assert.deepEqual(channel.events, ['1', 'closed: closed']);
});

test('a connection that is gone while a frame is handled is over with whatever ends it first, once', async () => {
  const endings: [reason: string, end: (link: StreamLink<string, string>, fail: () => void) => void][] = [
    ['normal', (link) => channelOf(link).peer.end('normal')],
    ['server_shutdown', (link) => link.shutdown()],
    ['server_shutdown', (link) => link.destroy()],
    ['internal_error', (_, fail) => fail()],
  ];
  for (const [reason, end] of endings) {
    const { stream, clock, gone } = setUp();
    const link = stream();
    const channel = channelOf(link);
    let fail = () => {};
    channel.onLine = () =>
      new Promise<void>((_, reject) => {
        fail = () => reject(new TypeError('a bug'));
      });
    link.onData(Buffer.from('1\n2\n'));
    link.onClose('closed');
    end(link, fail);
    await turn();
    clock.advance(10_010);
    link.onClose('again');
    assert.deepEqual(channel.events, ['1', `closed: ${reason}`]);
    assert.equal(gone.length, 1);
  }
});

test('a peer that ends its side has what it sent before answered, then the connection ends', async () => {
  const { stream, connection } = setUp();
  const link = stream();
  const channel = channelOf(link);
  const waiting: (() => void)[] = [];
  channel.onLine = async (line) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    channel.peer.send(`re ${line}`);
  };
  link.onData(Buffer.from('1\n2\n'));
  link.onEnd();
  await turn();
  assert.equal(connection.ended, false);
  waiting.shift()?.();
  await turn();
  assert.equal(connection.ended, false);
  waiting.shift()?.();
  await turn();
  assert.equal(connection.written.join(''), 're 1\nre 2\n');
  assert.equal(connection.ended, true);
  link.onClose('closed');
  assert.deepEqual(channel.events, ['1', '2', 'closed: closed']);
});

test('a peer that ends its side gets acknowledgements when they are durable, then the connection ends', async () => {
  const store = new SlowStore();
  const { stream, connection } = setUp({ store });
  const link = stream();
  const channel = channelOf(link);
  channel.onLine = (line) => {
    store.write();
    channel.peer.sendAck(`ack ${line}`);
  };
  link.onData(Buffer.from('1\n'));
  link.onEnd();
  await turn();
  assert.equal(connection.ended, false);
  store.waiting.shift()?.();
  await turn();
  await turn();
  assert.deepEqual(connection.written, ['ack 1\n']);
  assert.equal(connection.ended, true);
});

test('a peer that ends its side with nothing to be answered is let go within the turn', async () => {
  const { stream, connection, timers } = setUp();
  const link = stream();
  link.onEnd();
  channelOf(link).peer.send('last');
  await turn();
  assert.deepEqual(connection.written, ['last\n']);
  assert.equal(connection.ended, true);
  assert.equal(timers.size, 0);
});

test('to a peer that has ended its side no message is sent', async () => {
  const { stream, connection } = setUp();
  const link = stream();
  const channel = channelOf(link);
  channel.onLine = () => new Promise<void>(() => {});
  link.onData(Buffer.from('1\n'));
  link.onEnd();
  assert.equal(channel.peer.writable, false);
  channel.peer.send('answer');
  await turn();
  assert.deepEqual(connection.written, ['answer\n']);
  assert.equal(channel.peer.writable, false);
  link.onWritable();
  assert.equal(channel.peer.writable, false);
});

test('a connection with one side ended lasts no longer than what ends it first', async () => {
  type Ending = (it: ReturnType<typeof setUp>, link: StreamLink<string, string>) => void;
  const endings: [reason: string, end: Ending][] = [
    ['closed', ({ clock }) => clock.advance(10_010)],
    ['keepalive', (_, link) => channelOf(link).peer.end('keepalive')],
    ['server_shutdown', (_, link) => link.shutdown()],
    ['server_shutdown', (_, link) => link.destroy()],
  ];
  for (const [reason, end] of endings) {
    const it = setUp();
    const link = it.stream();
    const channel = channelOf(link);
    channel.onLine = () => new Promise<void>(() => {});
    link.onData(Buffer.from('1\n2\n'));
    link.onEnd();
    await turn();
    assert.ok(!it.connection.ended && !it.connection.destroyed);
    end(it, link);
    assert.ok(it.connection.ended || it.connection.destroyed);
    link.onClose('closed');
    assert.deepEqual(channel.events, ['1', `closed: ${reason}`]);
    assert.equal(it.gone.length, 1);
  }
});

test('a peer that is gone altogether after its side still has its frames handled', async () => {
  const { stream, gone } = setUp();
  const link = stream();
  const channel = channelOf(link);
  let settle = () => {};
  channel.onLine = (line) => (line === '1' ? new Promise<void>((resolve) => (settle = resolve)) : undefined);
  link.onData(Buffer.from('1\n2\n'));
  link.onEnd();
  await turn();
  link.onClose('ECONNRESET');
  settle();
  await turn();
  assert.deepEqual(channel.events, ['1', '2', 'closed: ECONNRESET']);
  assert.equal(gone.length, 1);
});

test('a peer that nobody listens to is not silent', () => {
  const { stream, clock, backpressure } = setUp({ messages: { burst: 1, perSecond: 1 } });
  const link = stream();
  channelOf(link).onLine = () => void backpressure.publications++;
  link.onData(Buffer.from('1\n2\n3\n'));
  clock.advance(500);
  assert.equal(link.lastReceived, clock.monotonic());
});

test('a peer that takes no answers is not listened to until it does', async () => {
  const { connection, stream } = setUp();
  const link = stream();
  const { peer, events } = channelOf(link);
  connection.pendingBytes = 3 * 1024 * 1024;
  peer.send('answer');
  await turn();
  link.onData(Buffer.from('1\n'));
  assert.deepEqual(events, []);
  assert.equal(connection.paused, true);
  connection.pendingBytes = 0;
  link.onWritable();
  assert.deepEqual(events.toSorted(), ['1', 'writable']);
  assert.equal(connection.paused, false);
});
