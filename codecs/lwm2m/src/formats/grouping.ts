import type { TypedNode } from '../node.js';

/** Nodes by one of their ids, in the order in which each is the first. @param at which id: 0 for the object */
export function byIdAt(at: number, nodes: readonly TypedNode[]): ReadonlyMap<number, TypedNode[]> {
  const groups = new Map<number, TypedNode[]>();
  for (const node of nodes) {
    const id = node.path[at] ?? 0;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [node]);
    else group.push(node);
  }
  return groups;
}
