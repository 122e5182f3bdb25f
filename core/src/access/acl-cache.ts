import type { Clock } from '../runtime/clock.js';
import type { AccessAction } from './types.js';

/** Longer topics are not remembered, so that a client cannot fill memory with them. In UTF-16 units. */
const MAX_TOPIC_LENGTH = 1024;

const ACTIONS: readonly AccessAction[] = ['publish', 'subscribe'];

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
  /** The use of the cache at which it was last used, see `AclCache.#uses`. */
  usedAt: number;
}

/** Decisions by topic, least recently used first. */
type Decisions = Map<string, Entry>;

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
 */
export class AclCache {
  readonly #shared: AclCaches;
  #publish: Decisions | undefined = undefined;
  #subscribe: Decisions | undefined = undefined;
  /** Counts what is written and what is read, to tell which of two was used later. */
  #uses = 0;
  #generation: number;
  #clears = 0;

  constructor(shared: AclCaches) {
    this.#shared = shared;
    this.#generation = shared.generation;
  }

  get size(): number {
    this.#forgetWhenTold();
    return (this.#publish?.size ?? 0) + (this.#subscribe?.size ?? 0);
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
    const decisions = this.#decisions(action);
    const entry = decisions?.get(topic);
    if (decisions === undefined || entry === undefined) return undefined;
    if (this.#expired(entry)) {
      decisions.delete(topic);
      return undefined;
    }
    if (entry.usedAt !== this.#uses) {
      decisions.delete(topic);
      decisions.set(topic, entry);
      entry.usedAt = ++this.#uses;
    }
    return entry.allowed;
  }

  set(action: AccessAction, topic: string, allowed: boolean): void {
    if (topic.length > MAX_TOPIC_LENGTH) return;
    const decisions = this.#decisionsToFill(action);
    if (!decisions.delete(topic) && this.size >= this.#shared.maxSize) this.#removeLeastRecentlyUsed();
    const decidedAt = Math.round(this.#shared.clock.monotonic());
    decisions.set(topic, { allowed, decidedAt, usedAt: ++this.#uses });
  }

  clear(): void {
    this.#publish = undefined;
    this.#subscribe = undefined;
    this.#clears++;
  }

  /** What it holds, most recently used first. */
  entries(): AclCacheEntry[] {
    this.#forgetWhenTold();
    const { clock } = this.#shared;
    const sinceEpoch = clock.now() - clock.monotonic();
    const found = ACTIONS.flatMap((action) =>
      [...(this.#decisions(action) ?? [])].map(([topic, entry]) => ({ action, topic, entry })),
    );
    return found
      .filter(({ entry }) => !this.#expired(entry))
      .sort((a, b) => b.entry.usedAt - a.entry.usedAt)
      .map(({ action, topic, entry }) => ({
        action,
        topic,
        allowed: entry.allowed,
        decidedAt: sinceEpoch + entry.decidedAt,
      }));
  }

  #forgetWhenTold(): void {
    if (this.#generation === this.#shared.generation) return;
    this.clear();
    this.#generation = this.#shared.generation;
  }

  #expired(entry: Entry): boolean {
    return this.#shared.clock.monotonic() - entry.decidedAt >= this.#shared.ttl;
  }

  #decisions(action: AccessAction): Decisions | undefined {
    return action === 'publish' ? this.#publish : this.#subscribe;
  }

  #decisionsToFill(action: AccessAction): Decisions {
    this.#forgetWhenTold();
    if (action === 'publish') {
      this.#publish ??= new Map();
      return this.#publish;
    }
    this.#subscribe ??= new Map();
    return this.#subscribe;
  }

  #removeLeastRecentlyUsed(): void {
    const published = oldest(this.#publish);
    const subscribed = oldest(this.#subscribe);
    if (published.usedAt < subscribed.usedAt) this.#publish?.delete(published.topic);
    else this.#subscribe?.delete(subscribed.topic);
  }
}

/** The topic used least recently, and when; used never where there is none. */
function oldest(decisions: Decisions | undefined): { readonly topic: string; readonly usedAt: number } {
  for (const [topic, { usedAt }] of decisions ?? []) return { topic, usedAt };
  return { topic: '', usedAt: Number.POSITIVE_INFINITY };
}
