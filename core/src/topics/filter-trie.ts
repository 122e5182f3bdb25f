const SLASH = 0x2f;
const PLUS = 0x2b;
const DOLLAR = 0x24;

/** Where one filter parts from another, or ends. Other than the root it holds a value or has several children. */
class Node<V> {
  /** By the first level of their labels. */
  children: Map<string, Node<V>> | undefined = undefined;
  /** Of the filter that ends here. */
  here: V | undefined = undefined;
  /** Of the filter that ends here with `/#`; it matches this level as well. */
  below: V | undefined = undefined;

  /** @param label the levels from the parent to here, such as `a/+/b` */
  constructor(public label: string) {}
}

/**
 * Values by topic filter, found by topic name (MQTT 5 §4.7; `$` topics not by a leading wildcard). A chain of levels
 * without a branch is one node, so a search looks at no more than two nodes for each filter, however many levels
 * the filters have.
 */
export class FilterTrie<V> {
  readonly #root = new Node<V>('');

  get empty(): boolean {
    return this.#root.children === undefined && this.#root.below === undefined;
  }

  get(filter: string): V | undefined {
    const node = this.#path(pathOf(filter))?.at(-1);
    return endsBelow(filter) ? node?.below : node?.here;
  }

  set(filter: string, value: V): void {
    const node = this.#nodeFor(pathOf(filter));
    if (endsBelow(filter)) node.below = value;
    else node.here = value;
  }

  delete(filter: string): void {
    const path = this.#path(pathOf(filter));
    const node = path?.pop();
    if (path === undefined || node === undefined) return;
    if (endsBelow(filter)) node.below = undefined;
    else node.here = undefined;
    tidy(node, path);
  }

  /**
   * All values, in no particular order. Others may be set and deleted between two of them: those may be among them or
   * not.
   */
  *values(): Generator<V> {
    const open: Iterator<Node<V>>[] = [[this.#root].values()];
    for (let nodes = open.at(-1); nodes !== undefined; nodes = open.at(-1)) {
      const { value: node, done } = nodes.next();
      if (done) {
        open.pop();
        continue;
      }
      if (node.children !== undefined) open.push(node.children.values());
      if (node.here !== undefined) yield node.here;
      if (node.below !== undefined) yield node.below;
    }
  }

  /** Adds to `found` the values of all filters that match the topic name. */
  match(topic: string, found: V[]): void {
    search(this.#root, topic, 0, found);
  }

  /** Whether any filter matches the topic name. */
  matches(topic: string): boolean {
    return search(this.#root, topic, 0, undefined);
  }

  /** The nodes from the root to where `path` ends; undefined when there is no such node. */
  #path(path: string | undefined): Node<V>[] | undefined {
    const nodes = [this.#root];
    if (path === undefined) return nodes;
    let node = this.#root;
    for (let at = 0; at <= path.length; at += node.label.length + 1) {
      const child = node.children?.get(levelAt(path, at));
      if (child === undefined || sharedLevels(child.label, path, at) < child.label.length) return undefined;
      nodes.push(child);
      node = child;
    }
    return nodes;
  }

  #nodeFor(path: string | undefined): Node<V> {
    let node = this.#root;
    if (path === undefined) return node;
    for (let at = 0; at <= path.length; at += node.label.length + 1) {
      node.children ??= new Map();
      const level = levelAt(path, at);
      const child = node.children.get(level);
      if (child === undefined) {
        const leaf = new Node<V>(path.slice(at));
        node.children.set(level, leaf);
        return leaf;
      }
      const shared = sharedLevels(child.label, path, at);
      const next = shared < child.label.length ? split(child, shared) : child;
      node.children.set(level, next);
      node = next;
    }
    return node;
  }
}

function endsBelow(filter: string): boolean {
  return filter.charCodeAt(filter.length - 1) === 0x23;
}

/** The filter without `/#`; undefined for `#`, which has no level besides. */
function pathOf(filter: string): string | undefined {
  if (filter === '#') return undefined;
  return endsBelow(filter) ? filter.slice(0, -2) : filter;
}

/** Where the level that begins at `start` ends. */
function levelEnd(text: string, start: number): number {
  const slash = text.indexOf('/', start);
  return slash < 0 ? text.length : slash;
}

function levelAt(text: string, start: number): string {
  return text.slice(start, levelEnd(text, start));
}

/** Length of the whole levels with which both `label` and, from `start`, `path` begin; the first one is the same. */
function sharedLevels(label: string, path: string, start: number): number {
  let shared = 0;
  for (let i = 0; ; i++) {
    const over = i === label.length || start + i === path.length;
    const code = codeOrEnd(label, i);
    if (code !== codeOrEnd(path, start + i)) return shared;
    if (code === SLASH) shared = i;
    if (over) return shared;
  }
}

/** The end of a text is the end of a level. */
function codeOrEnd(text: string, at: number): number {
  return at === text.length ? SLASH : text.charCodeAt(at);
}

/** Puts a node in the middle of the label of `lower`, behind `length` characters, which are whole levels. */
function split<V>(lower: Node<V>, length: number): Node<V> {
  const upper = new Node<V>(lower.label.slice(0, length));
  lower.label = lower.label.slice(length + 1);
  upper.children = new Map([[levelAt(lower.label, 0), lower]]);
  return upper;
}

/** A value of `node` is gone: what is no longer needed goes too. @param path from the root to its parent */
function tidy<V>(node: Node<V>, path: readonly Node<V>[]): void {
  const parent = path.at(-1);
  if (parent === undefined || node.here !== undefined || node.below !== undefined) return;
  if (node.children !== undefined) {
    joinWithOnlyChild(node, parent);
    return;
  }
  parent.children?.delete(levelAt(node.label, 0));
  if (parent.children?.size === 0) parent.children = undefined;
  const grandparent = path.at(-2);
  if (grandparent !== undefined) joinWithOnlyChild(parent, grandparent);
}

/** Where `node` holds nothing and has one child only, that takes its place. */
function joinWithOnlyChild<V>(node: Node<V>, parent: Node<V>): void {
  if (node.here !== undefined || node.below !== undefined || node.children?.size !== 1) return;
  for (const child of node.children.values()) {
    child.label = `${node.label}/${child.label}`;
    parent.children?.set(levelAt(node.label, 0), child);
  }
}

/**
 * Walks all branches that match the levels of `topic` from `start`; a start behind the end means that all levels
 * are used up.
 * @param found gets the values; undefined when one is enough to know of
 * @returns whether there was a value, where `found` is undefined
 */
function search<V>(node: Node<V>, topic: string, start: number, found: V[] | undefined): boolean {
  const wildcards = start > 0 || topic.charCodeAt(0) !== DOLLAR;
  if (wildcards && node.below !== undefined) {
    if (found === undefined) return true;
    found.push(node.below);
  }
  if (start > topic.length) {
    if (node.here === undefined) return false;
    found?.push(node.here);
    return found === undefined;
  }
  const { children } = node;
  if (children === undefined) return false;
  const named = children.get(levelAt(topic, start));
  if (named !== undefined && searchChild(named, topic, start, found)) return true;
  const plus = wildcards ? children.get('+') : undefined;
  return plus !== undefined && searchChild(plus, topic, start, found);
}

function searchChild<V>(child: Node<V>, topic: string, start: number, found: V[] | undefined): boolean {
  const next = behindLabel(child.label, topic, start);
  return next > 0 && search(child, topic, next, found);
}

/** Where the levels begin that follow those that match `label`; 0 when they do not. */
function behindLabel(label: string, topic: string, start: number): number {
  let at = start;
  for (let i = 0; i < label.length; i++) {
    const code = label.charCodeAt(i);
    if (code === PLUS) at = levelEnd(topic, at);
    else if (code === topic.charCodeAt(at)) at++;
    else return 0;
  }
  return at === topic.length || topic.charCodeAt(at) === SLASH ? at + 1 : 0;
}
