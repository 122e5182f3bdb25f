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

/** One decision. */
interface Entry {
  readonly allowed: boolean;
  /** `clock.monotonic()` when it was decided, in whole milliseconds. */
  readonly decidedAt: number;
}

/** Before the topics of subscriptions; no topic begins with it (MQTT 5 §1.5.4). */
const SUBSCRIBE = '\0';

/** What the caches of all clients have in common: their limits and the word to forget everything. */
export class AclCaches {
  readonly clock: Clock;
  /** Decisions that one client's cache holds; 0 for none. */
  maxSize: number;
  /** Milliseconds that a decision is good for. */
  ttl: number;
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

  /** Sets other limits, which hold at once: all that is remembered is forgotten. */
  adjust(maxSize: number, ttl: number): void {
    this.maxSize = maxSize;
    this.ttl = ttl;
    this.clearAll();
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
 */
export class AclCache {
  readonly #shared: AclCaches;
  /** By {@link keyOf}, least recently used first; one map for both actions, since most clients have few decisions. */
  #decisions: Map<string, Entry> | undefined = undefined;
  /** The last one in the map. */
  #latest: Entry | undefined = undefined;
  #generation: number;
  #clears = 0;

  constructor(shared: AclCaches) {
    this.#shared = shared;
    this.#generation = shared.generation;
  }

  get size(): number {
    this.#forgetWhenTold();
    return this.#decisions?.size ?? 0;
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
    const decisions = this.#decisions;
    if (decisions === undefined) return undefined;
    const key = keyOf(action, topic);
    const entry = decisions.get(key);
    if (entry === undefined) return undefined;
    if (this.#expired(entry)) {
      decisions.delete(key);
      return undefined;
    }
    if (entry !== this.#latest) {
      decisions.delete(key);
      this.#append(decisions, key, entry);
    }
    return entry.allowed;
  }

  set(action: AccessAction, topic: string, allowed: boolean): void {
    if (topic.length > MAX_TOPIC_LENGTH || this.#shared.maxSize === 0) return;
    this.#forgetWhenTold();
    this.#decisions ??= new Map();
    const decisions = this.#decisions;
    const key = keyOf(action, topic);
    if (!decisions.delete(key) && decisions.size >= this.#shared.maxSize) removeOldest(decisions);
    const decidedAt = Math.round(this.#shared.clock.monotonic());
    this.#append(decisions, key, { allowed, decidedAt });
  }

  clear(): void {
    this.#decisions = undefined;
    this.#latest = undefined;
    this.#clears++;
  }

  /** What it holds, most recently used first. */
  entries(): AclCacheEntry[] {
    this.#forgetWhenTold();
    const { clock } = this.#shared;
    const sinceEpoch = clock.now() - clock.monotonic();
    return [...(this.#decisions ?? [])]
      .filter(([, entry]) => !this.#expired(entry))
      .map(([key, { allowed, decidedAt }]) => ({ ...ofKey(key), allowed, decidedAt: sinceEpoch + decidedAt }))
      .reverse();
  }

  #append(decisions: Map<string, Entry>, key: string, entry: Entry): void {
    decisions.set(key, entry);
    this.#latest = entry;
  }

  #forgetWhenTold(): void {
    if (this.#generation === this.#shared.generation) return;
    this.clear();
    this.#generation = this.#shared.generation;
  }

  #expired(entry: Entry): boolean {
    return this.#shared.clock.monotonic() - entry.decidedAt >= this.#shared.ttl;
  }
}

/** Publishing, which is asked for often, has the topic itself. */
function keyOf(action: AccessAction, topic: string): string {
  return action === 'publish' ? topic : SUBSCRIBE + topic;
}

function ofKey(key: string): { readonly action: AccessAction; readonly topic: string } {
  if (!key.startsWith(SUBSCRIBE)) return { action: 'publish', topic: key };
  return { action: 'subscribe', topic: key.slice(SUBSCRIBE.length) };
}

function removeOldest(decisions: Map<string, Entry>): void {
  for (const key of decisions.keys()) {
    decisions.delete(key);
    return;
  }
}
