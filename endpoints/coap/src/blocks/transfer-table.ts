import { type Clock, Timer, type Timers } from '@portico/core';

/** Why a table let go of a transfer before its end. */
export type TransferDrop =
  /** No block for too long. */
  | 'timeout'
  /** Its peer has begun too many others since. */
  | 'peer_limit'
  /** All peers together hold too much. */
  | 'total_limit'
  /** The connection of its peer is gone. */
  | 'closed';

/** What is held of a payload that goes in blocks. */
export interface Transfer {
  /** Bytes of memory that it takes at present. */
  readonly size: number;
  /** The table has let go of it. */
  dropped(reason: TransferDrop): void;
}

/** Bounds of a {@link TransferTable}. */
export interface TransferLimits {
  /** Transfers of one peer at a time. */
  readonly maxPerPeer: number;
  /** Bytes of all transfers of all peers. */
  readonly maxBytes: number;
  /** Milliseconds from one block to the next. */
  readonly timeout: number;
}

/** Bytes that a transfer takes beside what it holds. */
export const TRANSFER_OVERHEAD = 512;

interface Entry<T> {
  readonly peer: object;
  readonly key: string;
  readonly transfer: T;
  /** Counted for it. */
  bytes: number;
  /** On the monotonic clock. */
  usedAt: number;
}

/**
 * Transfers by peer and key, bounded in number for each peer, in bytes for all, and in time: whatever is too much,
 * the one whose last block is longest ago goes. One timer for all.
 */
export class TransferTable<T extends Transfer> {
  readonly #limits: TransferLimits;
  readonly #clock: Clock;
  readonly #timers: Timers;
  /** Of each peer, the one used longest ago first. */
  readonly #byPeer = new Map<object, Map<string, Entry<T>>>();
  /** All of them, the one used longest ago first. */
  readonly #all = new Set<Entry<T>>();
  readonly #timer = new Timer(() => this.#expire());
  #bytes = 0;

  constructor(limits: TransferLimits, clock: Clock, timers: Timers) {
    this.#limits = limits;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  get(peer: object, key: string): T | undefined {
    return this.#byPeer.get(peer)?.get(key)?.transfer;
  }

  /** Adds a transfer in place of the one with its key, which is not told. */
  add(peer: object, key: string, transfer: T): void {
    this.delete(peer, key);
    const own = this.#byPeer.get(peer) ?? new Map<string, Entry<T>>();
    this.#byPeer.set(peer, own);
    const entry = { peer, key, transfer, bytes: 0, usedAt: 0 };
    own.set(key, entry);
    this.#use(entry, own);
    for (const oldest of own.values()) {
      if (own.size <= this.#limits.maxPerPeer) break;
      this.#drop(oldest, 'peer_limit');
    }
  }

  /** A block came or went: the transfer is as good as new, and may have grown. */
  used(peer: object, key: string): void {
    const own = this.#byPeer.get(peer);
    const entry = own?.get(key);
    if (own !== undefined && entry !== undefined) this.#use(entry, own);
  }

  /** The transfer is over; it is not told. */
  delete(peer: object, key: string): void {
    const entry = this.#byPeer.get(peer)?.get(key);
    if (entry !== undefined) this.#remove(entry);
  }

  /** The peer is gone. */
  forget(peer: object): void {
    for (const entry of [...(this.#byPeer.get(peer)?.values() ?? [])]) this.#drop(entry, 'closed');
  }

  /** Lets go of everything, without a word. */
  close(): void {
    this.#timers.cancel(this.#timer);
    this.#byPeer.clear();
    this.#all.clear();
    this.#bytes = 0;
  }

  #use(entry: Entry<T>, own: Map<string, Entry<T>>): void {
    own.delete(entry.key);
    own.set(entry.key, entry);
    this.#all.delete(entry);
    this.#all.add(entry);
    entry.usedAt = this.#clock.monotonic();
    const bytes = entry.transfer.size + TRANSFER_OVERHEAD;
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    for (const oldest of this.#all) {
      if (this.#bytes <= this.#limits.maxBytes) break;
      this.#drop(oldest, 'total_limit');
    }
    if (!this.#timer.armed) this.#arm();
  }

  #remove(entry: Entry<T>): void {
    const { peer, key, bytes } = entry;
    const own = this.#byPeer.get(peer);
    own?.delete(key);
    if (own?.size === 0) this.#byPeer.delete(peer);
    this.#all.delete(entry);
    this.#bytes -= bytes;
  }

  #drop(entry: Entry<T>, reason: TransferDrop): void {
    this.#remove(entry);
    entry.transfer.dropped(reason);
  }

  #expire(): void {
    const now = this.#clock.monotonic();
    for (const oldest of this.#all) {
      if (oldest.usedAt + this.#limits.timeout > now) break;
      this.#drop(oldest, 'timeout');
    }
    this.#arm();
  }

  /** Fires when the one used longest ago will have had its time. */
  #arm(): void {
    for (const { usedAt } of this.#all) {
      this.#timers.arm(this.#timer, usedAt + this.#limits.timeout - this.#clock.monotonic());
      return;
    }
  }
}
