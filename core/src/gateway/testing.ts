import assert from 'node:assert/strict';
import type { Rate } from '../config/units.js';
import { Backpressure } from '../engine/backpressure.js';
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
import { PendingBytes, SEND_HIGH_WATER } from './pending-bytes.js';
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

export class TestChannel implements Channel<string> {
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
export class SlowStore extends MemoryStore {
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

export class BrokenStore extends MemoryStore {
  override commit(): Promise<void> {
    return Promise.reject(new StoreFailure('full', 'disk full'));
  }
}

export const PENDING_LIMIT = 4 * SEND_HIGH_WATER;

export interface SetUp {
  readonly store?: MemoryStore;
  readonly messages?: Rate;
  readonly bytes?: Rate;
  readonly pending?: PendingBytes;
}

export function setUp(options: SetUp = {}) {
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

export const turn = () => new Promise((resolve) => setImmediate(resolve));
export const passed = ({ traffic }: Peer<string>) => [
  traffic.bytesReceived,
  traffic.reads,
  traffic.framesReceived,
  traffic.bytesSent,
  traffic.writes,
  traffic.framesSent,
];
export const channelOf = (link: { channel: Channel<string> }) => link.channel as TestChannel;
