import { SHORT_LIST } from './expectation.js';
import { formatPath, type KeyPath } from './key-path.js';
import { nearest } from './nearest.js';
import { ANYTHING, childOf, fixedKeys, nodeAt, type SchemaNode } from './schema-tree.js';

/** What to say of a key that does not exist where it was written. */
export interface KeyAdvice {
  /** The key of this section that was meant, if one is near. */
  readonly meant: string | undefined;
  /** `unknown key; did you mean listeners? allowed here: enable, listeners` */
  readonly reason: string;
}

/**
 * @param path of the section that the key stands in
 * @param reserved keys that later versions have in this section
 */
export function adviseOnKey(
  key: string,
  path: KeyPath,
  tree: SchemaNode,
  reserved: readonly string[],
): KeyAdvice {
  const allowed = fixedKeys(nodeAt(tree, path));
  const [owner] = sectionsBeside(path, tree).filter((section) =>
    fixedKeys(nodeAt(tree, section)).includes(key),
  );
  const meant = owner === undefined ? nearest(key, [...allowed, ...reserved]) : undefined;
  const hints = [
    ...(owner === undefined ? [] : [`it is a key of ${formatPath(owner)};`]),
    ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
  ];
  const isShort = allowed.length <= SHORT_LIST;
  if (hints.length === 0 || isShort) hints.push(`allowed here: ${allowed.join(', ')}`);
  return { meant, reason: `unknown key; ${hints.join(' ').replace(/;$/, '')}` };
}

/** What to say of a path that leads nowhere, with the key that there is not; undefined for one that leads somewhere. */
export function adviseOnPath(path: KeyPath, tree: SchemaNode): string | undefined {
  const unknown = path.findIndex(
    (key, depth) => typeof key === 'string' && childOf(nodeAt(tree, path.slice(0, depth)), key) === undefined,
  );
  const key = path[unknown];
  if (typeof key !== 'string') return undefined;
  const { reason } = adviseOnKey(key, path.slice(0, unknown), tree, []);
  return `${formatPath(path.slice(0, unknown + 1))}: ${reason}`;
}

/** The sections with fixed names that stand in the same section as that at `path`. */
function sectionsBeside(path: KeyPath, tree: SchemaNode): KeyPath[] {
  const above = path.slice(0, -1);
  const around = nodeAt(tree, above);
  return fixedKeys(around)
    .filter((name) => name !== path.at(-1) && fixedKeys(childOf(around, name) ?? ANYTHING).length > 0)
    .map((name) => [...above, name]);
}
