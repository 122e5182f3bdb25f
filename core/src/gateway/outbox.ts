import type { Connection } from '../listeners/connection.js';
import type { Counter } from '../runtime/metrics.js';
import type { ByteSink } from './contract.js';

const EMPTY = Buffer.alloc(0);
/** Sizes of the buffers that outboxes borrow while they hold bytes. */
const SIZES = [512, 4096, 16_384, 65_536] as const;
const LARGEST = SIZES[SIZES.length - 1] as number;
/** Buffers kept for reuse, of each size. */
const KEPT = 64;

/** Buffers that outboxes borrow, so that a peer with nothing to send holds none. */
class BufferPool {
  readonly #free: Buffer[][] = SIZES.map(() => []);

  take(size: number): Buffer {
    for (let i = 0; i < SIZES.length; i++) {
      const capacity = SIZES[i] as number;
      if (capacity >= size) return this.#free[i]?.pop() ?? Buffer.allocUnsafeSlow(capacity);
    }
    return Buffer.allocUnsafeSlow(size);
  }

  give(buffer: Buffer): void {
    const list = this.#free[SIZES.indexOf(buffer.length as (typeof SIZES)[number])];
    if (list !== undefined && list.length < KEPT) list.push(buffer);
  }
}

const pool = new BufferPool();

/** Writes out, at the end of the turn of the event loop, every outbox that got bytes during the turn. */
export class FlushQueue {
  #dirty: Outbox[] = [];
  #scheduled = false;
  readonly #flushAll = () => {
    this.#scheduled = false;
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const outbox of dirty) outbox.flush();
  };

  add(outbox: Outbox): void {
    this.#dirty.push(outbox);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flushAll);
  }
}

/** Who an outbox writes for. */
export interface FlushListener {
  /** So many bytes have been written: the time to look at what the connection has pending. */
  onFlushed(bytes: number): void;
}

/**
 * The bytes on their way to one stream peer. Encoders write into it; what a turn of the event loop gathers
 * leaves in one system call at its end, or earlier when it fills the largest buffer.
 */
export class Outbox implements ByteSink {
  buffer: Buffer = EMPTY;
  #length = 0;
  #queued = false;
  readonly #connection: Connection;
  readonly #queue: FlushQueue;
  readonly #bytesSent: Counter;
  readonly #owner: FlushListener;

  constructor(connection: Connection, queue: FlushQueue, bytesSent: Counter, owner: FlushListener) {
    this.#connection = connection;
    this.#queue = queue;
    this.#bytesSent = bytesSent;
    this.#owner = owner;
  }

  reserve(size: number): number {
    if (this.#length + size > this.buffer.length) this.#grow(size);
    const offset = this.#length;
    this.#length += size;
    if (!this.#queued) {
      this.#queued = true;
      this.#queue.add(this);
    }
    return offset;
  }

  #grow(size: number): void {
    if (this.#length + size > LARGEST && this.#length > 0) this.#write();
    const wanted = this.#length + size;
    if (wanted <= this.buffer.length) return;
    const larger = pool.take(wanted);
    if (this.#length > 0) this.buffer.copy(larger, 0, 0, this.#length);
    if (this.buffer !== EMPTY) pool.give(this.buffer);
    this.buffer = larger;
  }

  /** Writes what has gathered. */
  flush(): void {
    this.#queued = false;
    this.#write();
  }

  #write(): void {
    if (this.#length === 0) return;
    const { buffer } = this;
    const bytes = buffer.subarray(0, this.#length);
    this.#bytesSent.value += bytes.length;
    this.buffer = EMPTY;
    this.#length = 0;
    if (this.#connection.write(bytes)) pool.give(buffer);
    this.#owner.onFlushed(bytes.length);
  }
}
