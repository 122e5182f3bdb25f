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

  /** All values whose topic matches the filter (MQTT 5 §4.7; `$` topics not by a leading wildcard). */
  *match(filter: string): Generator<T> {
    yield* matchTree(this.#root, filter.split('/'), 0);
  }
}

function* matchTree<T>(node: TreeNode<T>, filter: readonly string[], at: number): Generator<T> {
  const level = filter[at];
  if (level === undefined) {
    if (node.value !== undefined) yield node.value;
  } else if (level === '#') {
    yield* everything(node, at === 0);
  } else if (level === '+') {
    for (const [name, child] of node.children ?? []) {
      if (at > 0 || !name.startsWith('$')) yield* matchTree(child, filter, at + 1);
    }
  } else {
    const child = node.children?.get(level);
    if (child !== undefined) yield* matchTree(child, filter, at + 1);
  }
}

function* everything<T>(node: TreeNode<T>, root: boolean): Generator<T> {
  if (node.value !== undefined) yield node.value;
  for (const [name, child] of node.children ?? []) {
    if (!root || !name.startsWith('$')) yield* everything(child, false);
  }
}
