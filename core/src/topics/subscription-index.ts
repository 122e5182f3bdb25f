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
  readonly direct: S[] = [];
  readonly shared: SharedGroup<S>[] = [];

  get empty(): boolean {
    return this.direct.length === 0 && this.shared.length === 0;
  }
}

/** One level of a filter with wildcards. */
class Node<S extends Indexed> {
  children: Map<string, Node<S>> | undefined;
  /** Subscriptions whose filter ends here. */
  here: Bucket<S> | undefined;
  /** Subscriptions whose filter ends here with `/#`; they match this level as well. */
  below: Bucket<S> | undefined;

  get empty(): boolean {
    return this.here === undefined && this.below === undefined && this.children === undefined;
  }
}

/** Longer topics are matched anew each time, so that the cache's memory is bounded by its number of entries. */
const MAX_CACHED_TOPIC = 512;

/**
 * Finds the subscriptions that match a topic. Filters without wildcards are looked up in a map, the others in
 * a trie by level; what a topic matched is cached until a subscription changes that could alter it.
 */
export class SubscriptionIndex<S extends Indexed> {
  readonly #exact = new Map<string, Bucket<S>>();
  readonly #root = new Node<S>();
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

  add(subscription: S): void {
    const bucket = this.#bucketFor(subscription.route);
    if (bucket.empty) this.#filters++;
    if (subscription.group === undefined) append(bucket.direct, subscription);
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
      this.#dropBucket(route);
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
    if (this.#root.children !== undefined || this.#root.below !== undefined) {
      matchNode(this.#root, topic, 0, direct, shared);
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
    return this.#exact.has(topic) || matchesNode(this.#root, topic, 0);
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
    if (!hasWildcard(route)) {
      let bucket = this.#exact.get(route);
      if (bucket === undefined) {
        bucket = new Bucket();
        this.#exact.set(route, bucket);
      }
      return bucket;
    }
    const { path, below } = splitFilter(route);
    let node = this.#root;
    for (const level of path) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) {
        child = new Node();
        node.children.set(level, child);
      }
      node = child;
    }
    if (below) {
      node.below ??= new Bucket();
      return node.below;
    }
    node.here ??= new Bucket();
    return node.here;
  }

  #findBucket(route: string): Bucket<S> | undefined {
    if (!hasWildcard(route)) return this.#exact.get(route);
    const { path, below } = splitFilter(route);
    let node: Node<S> | undefined = this.#root;
    for (const level of path) node = node?.children?.get(level);
    return below ? node?.below : node?.here;
  }

  #dropBucket(route: string): void {
    if (!hasWildcard(route)) {
      this.#exact.delete(route);
      return;
    }
    const { path, below } = splitFilter(route);
    const nodes = [this.#root];
    for (const level of path) {
      const child = nodes.at(-1)?.children?.get(level);
      if (child === undefined) return;
      nodes.push(child);
    }
    const last = nodes.at(-1) as Node<S>;
    if (below) last.below = undefined;
    else last.here = undefined;
    for (let i = path.length; i > 0 && (nodes[i] as Node<S>).empty; i--) {
      const parent = nodes[i - 1] as Node<S>;
      parent.children?.delete(path[i - 1] as string);
      if (parent.children?.size === 0) parent.children = undefined;
    }
  }
}

function groupKey(group: string, route: string): string {
  return `${group}/${route}`;
}

/** `a/+/#` → the levels `a`, `+` and "everything below". */
function splitFilter(route: string): { path: string[]; below: boolean } {
  const path = route.split('/');
  const below = path.at(-1) === '#';
  if (below) path.pop();
  return { path, below };
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

/**
 * Walks all branches that match the levels of `topic` from `start`. A start behind the end means that all
 * levels are used up. At the root, wildcards do not match a topic that begins with `$` (MQTT 5 §4.7.2).
 */
function matchNode<S extends Indexed>(
  node: Node<S>,
  topic: string,
  start: number,
  direct: S[],
  shared: SharedGroup<S>[],
): void {
  const wildcards = start > 0 || topic.charCodeAt(0) !== 0x24;
  if (wildcards && node.below !== undefined) collect(node.below, direct, shared);
  if (start > topic.length) {
    if (node.here !== undefined) collect(node.here, direct, shared);
    return;
  }
  const children = node.children;
  if (children === undefined) return;
  const slash = topic.indexOf('/', start);
  const end = slash < 0 ? topic.length : slash;
  const named = children.get(topic.slice(start, end));
  if (named !== undefined) matchNode(named, topic, end + 1, direct, shared);
  const plus = wildcards ? children.get('+') : undefined;
  if (plus !== undefined) matchNode(plus, topic, end + 1, direct, shared);
}

/** Whether {@link matchNode} would find anything. Nodes and buckets without subscriptions do not stay. */
function matchesNode<S extends Indexed>(node: Node<S>, topic: string, start: number): boolean {
  const wildcards = start > 0 || topic.charCodeAt(0) !== 0x24;
  if (wildcards && node.below !== undefined) return true;
  if (start > topic.length) return node.here !== undefined;
  const { children } = node;
  if (children === undefined) return false;
  const slash = topic.indexOf('/', start);
  const end = slash < 0 ? topic.length : slash;
  const named = children.get(topic.slice(start, end));
  if (named !== undefined && matchesNode(named, topic, end + 1)) return true;
  const plus = wildcards ? children.get('+') : undefined;
  return plus !== undefined && matchesNode(plus, topic, end + 1);
}
