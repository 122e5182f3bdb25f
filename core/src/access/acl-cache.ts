import type { Clock } from '../runtime/clock.js';
import type { AccessAction } from './types.js';

/** Longer topics are not remembered, so that a client cannot fill memory with them. In UTF-16 units. */
const MAX_TOPIC_LENGTH = 1024;

/** A remembered decision, as operators see it. */
export interface AclCacheEntry {
  readonly action: AccessAction;
  readonly topic: string;
  readonly allowed: boolean;
  /** Milliseconds since 1970. */
  readonly decidedAt: number;
}

/** One decision, a link in the ring from most to least recently used. */
class Entry {
  newer: Entry = this;
  older: Entry = this;
  constructor(
    readonly action: AccessAction,
    readonly topic: string,
    readonly allowed: boolean,
    /** `clock.monotonic()` when it was decided. */
    readonly decidedAt: number,
  ) {}

  unlink(): void {
    this.newer.older = this.older;
    this.older.newer = this.newer;
  }

  linkBehind(newer: Entry): void {
    this.newer = newer;
    this.older = newer.older;
    newer.older.newer = this;
    newer.older = this;
  }
}

/** What the caches of all clients have in common: their limits and the word to forget everything. */
export class AclCaches {
  readonly clock: Clock;
  /** Decisions that one client's cache holds, at least 1. */
  readonly maxSize: number;
  /** Milliseconds that a decision is good for. */
  readonly ttl: number;
  /** Grows with every {@link clearAll}. */
  #generation = 0;

  constructor(clock: Clock, maxSize: number, ttl: number) {
    this.clock = clock;
    this.maxSize = maxSize;
    this.ttl = ttl;
  }

  get generation(): number {
    return this.#generation;
  }

  /** A cache for one client. */
  create(): AclCache {
    return new AclCache(this);
  }

  /** Makes every client's cache forget what it holds: each at its next use. */
  clearAll(): void {
    this.#generation++;
  }
}

/**
 * The access decisions of one client that were made a short while ago, publish and subscribe apart. Holds at
 * most `maxSize` of them, the least recently used goes first; a decision is good for `ttl` milliseconds.
 * A hit allocates nothing.
 */
export class AclCache {
  readonly #shared: AclCaches;
  /** Stands between the least and the most recently used entry. */
  readonly #ring = new Entry('publish', '', false, 0);
  #publish: Map<string, Entry> | undefined = undefined;
  #subscribe: Map<string, Entry> | undefined = undefined;
  #size = 0;
  #generation: number;
  #clears = 0;

  constructor(shared: AclCaches) {
    this.#shared = shared;
    this.#generation = shared.generation;
  }

  get size(): number {
    this.#forgetWhenTold();
    return this.#size;
  }

  /**
   * Changes whenever the cache is cleared. Whoever waits for a decision compares it before and after, so that
   * a decision by old rules is not stored behind the clearing.
   */
  get version(): number {
    return this.#shared.generation + this.#clears;
  }

  /** The decision, or undefined when there is none or it is too old. */
  get(action: AccessAction, topic: string): boolean | undefined {
    this.#forgetWhenTold();
    const entry = this.#entries(action)?.get(topic);
    if (entry === undefined) return undefined;
    if (this.#expired(entry)) {
      this.#remove(entry);
      return undefined;
    }
    entry.unlink();
    entry.linkBehind(this.#ring);
    return entry.allowed;
  }

  set(action: AccessAction, topic: string, allowed: boolean): void {
    if (topic.length > MAX_TOPIC_LENGTH) return;
    this.#forgetWhenTold();
    const former = this.#entries(action)?.get(topic);
    if (former !== undefined) this.#remove(former);
    else if (this.#size >= this.#shared.maxSize) this.#remove(this.#ring.newer);
    const entry = new Entry(action, topic, allowed, this.#shared.clock.monotonic());
    entry.linkBehind(this.#ring);
    this.#entriesToFill(action).set(topic, entry);
    this.#size++;
  }

  clear(): void {
    this.#ring.unlink();
    this.#ring.newer = this.#ring;
    this.#ring.older = this.#ring;
    this.#publish = undefined;
    this.#subscribe = undefined;
    this.#size = 0;
    this.#clears++;
  }

  /** What it holds, most recently used first. */
  entries(): AclCacheEntry[] {
    this.#forgetWhenTold();
    const { clock } = this.#shared;
    const found: AclCacheEntry[] = [];
    for (let entry = this.#ring.older; entry !== this.#ring; entry = entry.older) {
      if (this.#expired(entry)) continue;
      const decidedAt = clock.now() - (clock.monotonic() - entry.decidedAt);
      found.push({ action: entry.action, topic: entry.topic, allowed: entry.allowed, decidedAt });
    }
    return found;
  }

  #forgetWhenTold(): void {
    if (this.#generation === this.#shared.generation) return;
    this.clear();
    this.#generation = this.#shared.generation;
  }

  #expired(entry: Entry): boolean {
    return this.#shared.clock.monotonic() - entry.decidedAt >= this.#shared.ttl;
  }

  #entries(action: AccessAction): Map<string, Entry> | undefined {
    return action === 'publish' ? this.#publish : this.#subscribe;
  }

  #entriesToFill(action: AccessAction): Map<string, Entry> {
    if (action === 'publish') {
      this.#publish ??= new Map();
      return this.#publish;
    }
    this.#subscribe ??= new Map();
    return this.#subscribe;
  }

  #remove(entry: Entry): void {
    entry.unlink();
    this.#entries(entry.action)?.delete(entry.topic);
    this.#size--;
  }
}
