import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someClient } from '../access/testing.js';
import type { Rate } from '../config/units.js';
import { Backpressure, SlowConsumer } from '../engine/backpressure.js';
import type { Connection } from '../listeners/connection.js';
import { VirtualClock } from '../runtime/clock.js';
import { LineLimits } from '../runtime/line-limit.js';
import { silentLogger } from '../runtime/logger.js';
import { Counter, Gauge } from '../runtime/metrics.js';
import { Timers } from '../runtime/timers.js';
import { TokenBucket } from '../runtime/token-bucket.js';
import { MemoryStore } from '../store/memory-store.js';
import { StoreFailure } from '../store/store.js';
import { connectionInfo } from '../testing/index.js';
import type { ByteSink, Channel, DatagramCodec, Gateway, Peer, StreamCodec } from './contract.js';
import { DatagramLink } from './datagram-link.js';
import type { LinkServices } from './link-services.js';
import { FlushQueue } from './outbox.js';
import { PendingBytes, SEND_HIGH_WATER, SMALL_SHARE } from './pending-bytes.js';
import { StreamLink } from './stream-link.js';
import { WireTap } from './wire-tap.js';

/** A protocol of lines: each line is a frame, `bad` is malformed, `bug` breaks the codec. */
function decodeLine(line: string): string {
  if (line === 'bad')
    throw Object.assign(new Error('a bad line'), { name: 'FrameError', code: 'bad', offset: 0 });
  if (line === 'bug') throw new TypeError('a bug');
  return line;
}

function encodeLine(frame: string, sink: ByteSink): void {
  const offset = sink.reserve(frame.length + 1);
  sink.buffer.write(`${frame}\n`, offset);
}

class LineCodec implements StreamCodec<string, string> {
  readonly kind = 'stream';
  #text = '';
  #borrowed: Buffer | undefined;

  push(chunk: Buffer): void {
    this.#text += this.#borrowed?.toString() ?? '';
    this.#borrowed = chunk;
  }

  next(): string | undefined {
    this.keep();
    const end = this.#text.indexOf('\n');
    if (end < 0) return undefined;
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return decodeLine(line);
  }

  keep(): void {
    this.#text += this.#borrowed?.toString() ?? '';
    this.#borrowed = undefined;
  }

  get undecoded(): Buffer {
    return Buffer.from(this.#text);
  }

  encode = encodeLine;
  describe = (frame: string) => frame;
}

const lineDatagrams: DatagramCodec<string, string> = {
  kind: 'datagram',
  decode: (datagram) => decodeLine(datagram.toString()),
  encode: encodeLine,
  describe: (frame) => frame,
};

class TestConnection implements Connection {
  readonly info = connectionInfo('lines');
  pendingBytes = 0;
  readonly written: string[] = [];
  paused = false;
  ended = false;
  destroyed = false;
  write(bytes: Buffer): boolean {
    this.written.push(bytes.toString());
    return this.pendingBytes === 0;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  end(): void {
    this.ended = true;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

class TestChannel implements Channel<string> {
  readonly events: string[] = [];
  onLine: (line: string) => void | Promise<void> = () => {};
  constructor(readonly peer: Peer<string>) {}
  onFrame(line: string): void | Promise<void> {
    this.events.push(line);
    return this.onLine(line);
  }
  onFrameError(error: Error): void {
    this.events.push(`error: ${error.message}`);
    this.peer.send('sorry');
  }
  onTimer(): void {
    this.events.push('timer');
  }
  onWritable(): void {
    this.events.push('writable');
  }
  onShutdown(): void {
    this.peer.send('goodbye');
  }
  onClose(reason: string): void {
    this.events.push(`closed: ${reason}`);
  }
}

/** Commits what has been written when the test says so; calls in between share a commit. */
class SlowStore extends MemoryStore {
  readonly waiting: (() => void)[] = [];
  #commit: Promise<void> | undefined;
  write(): void {
    this.put('table', 'key', Buffer.alloc(0));
    this.#commit = new Promise<void>((resolve) => this.waiting.push(resolve));
  }
  override commit(): Promise<void> | undefined {
    return this.#commit;
  }
}

class BrokenStore extends MemoryStore {
  override commit(): Promise<void> {
    return Promise.reject(new StoreFailure('full', 'disk full'));
  }
}

const PENDING_LIMIT = 4 * SEND_HIGH_WATER;

interface SetUp {
  readonly store?: MemoryStore;
  readonly messages?: Rate;
  readonly bytes?: Rate;
  readonly pending?: PendingBytes;
}

function setUp(options: SetUp = {}) {
  const clock = new VirtualClock();
  const timers = new Timers(clock, (error) => assert.fail(String(error)));
  const backpressure = new Backpressure(clock, timers, 1000);
  const counter = (name: string) => new Counter(name, '');
  const exceeded = counter('exceeded');
  const pending = new PendingBytes(PENDING_LIMIT, new Gauge('pending', ''), exceeded, silentLogger);
  const services: LinkServices = {
    clock,
    timers,
    log: silentLogger,
    faultLines: new LineLimits(silentLogger, clock),
    store: options.store ?? new MemoryStore(),
    backpressure,
    flushQueue: new FlushQueue(),
    pending: options.pending ?? pending,
    wire: new WireTap(clock),
    counters: {
      bytesReceived: counter('received'),
      bytesSent: counter('sent'),
      frameErrors: counter('errors'),
      datagramsDropped: { busy: counter('busy'), rate: counter('rate') },
    },
  };
  const connection = new TestConnection();
  const gateway: Gateway<string, string> = {
    createCodec: () => new LineCodec(),
    createChannel: (peer) => new TestChannel(peer),
  };
  const bucket = (rate: Rate | undefined) => rate && new TokenBucket(clock, rate);
  const limits = { messages: bucket(options.messages), bytes: bucket(options.bytes) };
  const gone: unknown[] = [];
  const stream = () =>
    new StreamLink(connection, gateway, new LineCodec(), services, limits, (link) => gone.push(link));
  const datagram = () =>
    new DatagramLink(connection, gateway, lineDatagrams, services, limits, (link) => gone.push(link));
  return { clock, timers, services, exceeded, backpressure, connection, stream, datagram, gone };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const passed = ({ traffic }: Peer<string>) => [
  traffic.bytesReceived,
  traffic.reads,
  traffic.framesReceived,
  traffic.bytesSent,
  traffic.writes,
  traffic.framesSent,
];
const channelOf = (link: { channel: Channel<string> }) => link.channel as TestChannel;

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
