/** Nodes that a search looks at in one go. */
export const LOOKED_AT = 64;

class TreeNode<T> {
  value: T | undefined = undefined;
  children: Map<string, TreeNode<T>> | undefined = undefined;
}

/** Values by topic name, found by topic filter: the mirror image of the subscription index. */
export class TopicTree<T> {
  readonly #root = new TreeNode<T>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(topic: string): T | undefined {
    let node: TreeNode<T> | undefined = this.#root;
    for (const level of topic.split('/')) {
      node = node.children?.get(level);
      if (node === undefined) return undefined;
    }
    return node.value;
  }

  set(topic: string, value: T): void {
    let node = this.#root;
    for (const level of topic.split('/')) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) {
        child = new TreeNode();
        node.children.set(level, child);
      }
      node = child;
    }
    if (node.value === undefined) this.#size++;
    node.value = value;
  }

  /** @returns whether there was one */
  delete(topic: string): boolean {
    const levels = topic.split('/');
    const path = [this.#root];
    for (const level of levels) {
      const child = path.at(-1)?.children?.get(level);
      if (child === undefined) return false;
      path.push(child);
    }
    const last = path.at(-1) as TreeNode<T>;
    if (last.value === undefined) return false;
    last.value = undefined;
    this.#size--;
    for (let i = levels.length; i > 0; i--) {
      const node = path[i] as TreeNode<T>;
      if (node.value !== undefined || node.children !== undefined) break;
      const parent = path[i - 1] as TreeNode<T>;
      parent.children?.delete(levels[i - 1] as string);
      if (parent.children?.size === 0) parent.children = undefined;
    }
    return true;
  }

  /** False when there is certainly no value whose topic matches the filter, which is known at once. */
  mayMatch(filter: string): boolean {
    return this.#size > 0 && descend(this.#root, filter.split('/'), 0) !== undefined;
  }

  /**
   * All values whose topic matches the filter (MQTT 5 §4.7; `$` topics not by a leading wildcard), found step by
   * step: after every {@link LOOKED_AT} nodes without one it gives undefined, so that whoever searches in a large
   * tree for little can do something else in between. The tree may change meanwhile.
   * @param everything whether a leading wildcard matches `$` topics too
   */
  *match(filter: string, everything = false): Generator<T | undefined> {
    const levels = filter.split('/');
    const branches: Branch<T>[] = [];
    let steps = 0;
    let place = descend(this.#root, levels, 0);
    while (place !== undefined || branches.length > 0) {
      if (place !== undefined) {
        const { node, at } = place;
        const level = levels[at];
        if (node.value !== undefined && (level === undefined || level === '#')) yield node.value;
        if (level !== undefined && node.children !== undefined) {
          branches.push({
            children: node.children.entries(),
            at,
            isRoot: node === this.#root && !everything,
          });
        }
      }
      place = advance(branches, levels);
      if (++steps % LOOKED_AT === 0) yield undefined;
    }
  }
}

/** A node, and the level of the filter that its children are to match. */
interface Place<T> {
  readonly node: TreeNode<T>;
  readonly at: number;
}

/** A node whose children are looked at one after the other, and the level of the filter that stands for them. */
interface Branch<T> {
  readonly children: Iterator<[name: string, child: TreeNode<T>]>;
  readonly at: number;
  /** Whether `$` topics begin here, which a wildcard does not match. */
  readonly isRoot: boolean;
}

/** Goes down along levels without wildcards; undefined where there is no such node. */
function descend<T>(from: TreeNode<T>, levels: readonly string[], first: number): Place<T> | undefined {
  let node = from;
  let at = first;
  for (; at < levels.length && levels[at] !== '+' && levels[at] !== '#'; at++) {
    const child = node.children?.get(levels[at] as string);
    if (child === undefined) return undefined;
    node = child;
  }
  return { node, at };
}

/** The place that the next child of the last branch leads to, if any; a branch without more of them is over. */
function advance<T>(branches: Branch<T>[], levels: readonly string[]): Place<T> | undefined {
  const branch = branches.at(-1);
  const next = branch?.children.next();
  if (branch === undefined || next === undefined) return undefined;
  if (next.done) {
    branches.pop();
    return undefined;
  }
  const [name, child] = next.value;
  if (branch.isRoot && name.startsWith('$')) return undefined;
  return levels[branch.at] === '#' ? { node: child, at: branch.at } : descend(child, levels, branch.at + 1);
}
