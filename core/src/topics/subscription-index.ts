import { FilterTrie } from './filter-trie.js';
import { hasWildcard, topicMatches } from './topic.js';

/** What the index needs to know of a subscription. */
export interface Indexed {
  /** The filter that topics are matched against: with mountpoint, without `$share/<group>/`. */
  readonly route: string;
  /** Group of a shared subscription, undefined for an ordinary one. */
  readonly group: string | undefined;
  /** Position in its bucket; belongs to the index. */
  slot: number;
}

/** The members of one shared subscription: same group, same filter. */
export class SharedGroup<S extends Indexed> {
  readonly members: S[] = [];
  /** Strategy state: the member chosen last (sticky) and the turn (round robin). */
  sticky: S | undefined = undefined;
  turn = 0;
  /** Position in its bucket; belongs to the index. */
  slot = 0;

  constructor(
    readonly group: string,
    readonly route: string,
  ) {}
}

/** Everybody a topic goes to. Belongs to the index's cache: do not change it, do not keep it. */
export interface Route<S extends Indexed> {
  readonly direct: readonly S[];
  /** One member of each gets the message. */
  readonly shared: readonly SharedGroup<S>[];
}

class Bucket<S extends Indexed> {
  direct: S[] = [];
  readonly shared: SharedGroup<S>[] = [];

  get empty(): boolean {
    return this.direct.length === 0 && this.shared.length === 0;
  }

  /** Most have one subscription: an array that grows would be given room for 17. */
  add(subscription: S): void {
    if (this.direct.length > 0) append(this.direct, subscription);
    else {
      subscription.slot = 0;
      this.direct = [subscription];
    }
  }
}

/** Longer topics are matched anew each time, so that the cache's memory is bounded by its number of entries. */
const MAX_CACHED_TOPIC = 512;

/**
 * Finds the subscriptions that match a topic. Filters without wildcards are looked up in a map, the others in
 * a trie; what a topic matched is cached until a subscription changes that could alter it.
 */
export class SubscriptionIndex<S extends Indexed> {
  readonly #exact = new Map<string, Bucket<S>>();
  readonly #wild = new FilterTrie<Bucket<S>>();
  readonly #groups = new Map<string, SharedGroup<S>>();
  readonly #cache = new Map<string, Route<S>>();
  readonly #cacheSize: number;
  readonly #prepare: (matched: S[]) => readonly S[];
  #filters = 0;

  /**
   * @param prepare arranges what matched before it is cached (such as merging subscriptions of one session)
   * @param cacheSize topics whose route is remembered
   */
  constructor(prepare: (matched: S[]) => readonly S[] = (matched) => matched, cacheSize = 16_384) {
    this.#prepare = prepare;
    this.#cacheSize = cacheSize;
  }

  /** Number of different filters, shared or not: the "routes" and "topics" of the statistics. */
  get filters(): number {
    return this.#filters;
  }

  /** Whether anybody is subscribed with just this filter, shared or not. */
  has(route: string): boolean {
    return this.#findBucket(route) !== undefined;
  }

  /**
   * The filters that somebody is subscribed with, each once, in no particular order. Subscriptions may change between
   * two of them: what comes or goes may be among them or not.
   */
  *routes(): Generator<string> {
    yield* this.#exact.keys();
    for (const { direct, shared } of this.#wild.values()) {
      const route = direct[0]?.route ?? shared[0]?.route;
      if (route !== undefined) yield route;
    }
  }

  add(subscription: S): void {
    const bucket = this.#bucketFor(subscription.route);
    if (bucket.empty) this.#filters++;
    if (subscription.group === undefined) bucket.add(subscription);
    else this.#groupFor(subscription.group, subscription.route, bucket).members.push(subscription);
    this.#forget(subscription.route);
  }

  remove(subscription: S): void {
    const { route, group } = subscription;
    const bucket = this.#findBucket(route);
    if (bucket === undefined) return;
    if (group === undefined) take(bucket.direct, subscription);
    else this.#leaveGroup(subscription, group, bucket);
    if (bucket.empty) {
      this.#filters--;
      this.#tableFor(route).delete(route);
    }
    this.#forget(route);
  }

  /** Everybody whose filter matches the topic name. */
  match(topic: string): Route<S> {
    const cached = this.#cache.get(topic);
    if (cached !== undefined) return cached;
    const direct: S[] = [];
    const shared: SharedGroup<S>[] = [];
    const exact = this.#exact.get(topic);
    if (exact !== undefined) collect(exact, direct, shared);
    if (!this.#wild.empty) {
      const wild: Bucket<S>[] = [];
      this.#wild.match(topic, wild);
      for (const bucket of wild) collect(bucket, direct, shared);
    }
    const route: Route<S> = { direct: direct.length > 1 ? this.#prepare(direct) : direct, shared };
    if (topic.length <= MAX_CACHED_TOPIC) this.#remember(topic, route);
    return route;
  }

  /**
   * Whether anybody's filter matches the topic name. Unlike {@link match} it remembers nothing: for topics that
   * come once and that few care for.
   */
  matches(topic: string): boolean {
    const cached = this.#cache.get(topic);
    if (cached !== undefined) return cached.direct.length > 0 || cached.shared.length > 0;
    return this.#exact.has(topic) || this.#wild.matches(topic);
  }

  #remember(topic: string, route: Route<S>): void {
    if (this.#cache.size >= this.#cacheSize) {
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest);
        break;
      }
    }
    this.#cache.set(topic, route);
  }

  #forget(route: string): void {
    if (!hasWildcard(route)) this.#cache.delete(route);
    else if (this.#cache.size <= 64) {
      for (const topic of this.#cache.keys()) if (topicMatches(topic, route)) this.#cache.delete(topic);
    } else this.#cache.clear();
  }

  #groupFor(group: string, route: string, bucket: Bucket<S>): SharedGroup<S> {
    const key = groupKey(group, route);
    let shared = this.#groups.get(key);
    if (shared === undefined) {
      shared = new SharedGroup(group, route);
      this.#groups.set(key, shared);
      append(bucket.shared, shared);
    }
    return shared;
  }

  #leaveGroup(subscription: S, group: string, bucket: Bucket<S>): void {
    const key = groupKey(group, subscription.route);
    const shared = this.#groups.get(key);
    if (shared === undefined) return;
    const at = shared.members.indexOf(subscription);
    if (at >= 0) shared.members.splice(at, 1);
    if (shared.sticky === subscription) shared.sticky = undefined;
    if (shared.members.length > 0) return;
    this.#groups.delete(key);
    take(bucket.shared, shared);
  }

  /** The group of a subscription, to choose another member. */
  group(group: string, route: string): SharedGroup<S> | undefined {
    return this.#groups.get(groupKey(group, route));
  }

  #bucketFor(route: string): Bucket<S> {
    let bucket = this.#findBucket(route);
    if (bucket === undefined) {
      bucket = new Bucket();
      this.#tableFor(route).set(route, bucket);
    }
    return bucket;
  }

  #findBucket(route: string): Bucket<S> | undefined {
    return this.#tableFor(route).get(route);
  }

  #tableFor(route: string): Map<string, Bucket<S>> | FilterTrie<Bucket<S>> {
    return hasWildcard(route) ? this.#wild : this.#exact;
  }
}

function groupKey(group: string, route: string): string {
  return `${group}/${route}`;
}

/** Adds at the end, noting the position, so that {@link take} need not search. */
function append<T extends { slot: number }>(list: T[], item: T): void {
  item.slot = list.length;
  list.push(item);
}

/** Removes by moving the last item into the gap. */
function take<T extends { slot: number }>(list: T[], item: T): void {
  if (list[item.slot] !== item) return;
  const last = list.pop() as T;
  if (last === item) return;
  list[item.slot] = last;
  last.slot = item.slot;
}

function collect<S extends Indexed>(bucket: Bucket<S>, direct: S[], shared: SharedGroup<S>[]): void {
  for (const subscription of bucket.direct) direct.push(subscription);
  for (const group of bucket.shared) shared.push(group);
}
