import { isSettings, type Settings } from './environment.js';
import type { Findings } from './findings.js';
import type { KeyPath } from './key-path.js';
import type { ConfigSource } from './problem.js';
import { ANYTHING, childOf, fixedKeys, isSection, type SchemaNode } from './schema-tree.js';
import { isSecretKey, MASK } from './secrets.js';
import { withoutPassword } from './service-url.js';

/** A key that has a value. */
export interface ConfigValue {
  readonly path: readonly string[];
  /** As it is written in the configuration; secrets are masked. */
  readonly value: unknown;
  /** Who says so; undefined for a default. */
  readonly source: ConfigSource | undefined;
}

/** Every key with a value, in the order of the schema: as written, else as the schema has it by default. */
export function* valuesOf(settings: Settings, tree: SchemaNode, findings: Findings): Generator<ConfigValue> {
  yield* valuesAt(tree, settings, [], findings);
}

function* valuesAt(
  node: SchemaNode,
  written: unknown,
  path: readonly string[],
  findings: Findings,
): Generator<ConfigValue> {
  const value = written ?? node.default;
  if (value === undefined) return;
  if (!isSection(node) || !isSettings(value)) {
    yield { path, value: masked(value, path), source: sourceOf(path, value, findings) };
    return;
  }
  for (const key of new Set([...fixedKeys(node), ...Object.keys(value)])) {
    yield* valuesAt(childOf(node, key) ?? ANYTHING, value[key], [...path, key], findings);
  }
}

/** A list is where it was written, or an element of it. */
function sourceOf(path: KeyPath, value: unknown, findings: Findings): ConfigSource | undefined {
  const source = findings.writtenAt(path);
  return source === undefined && Array.isArray(value) ? findings.writtenAt([...path, 0]) : source;
}

function masked(value: unknown, path: KeyPath): unknown {
  if (path.some((key) => typeof key === 'string' && isSecretKey(key))) return MASK;
  if (typeof value === 'string') return withoutPassword(value);
  if (Array.isArray(value)) return value.map((element, index) => masked(element, [...path, index]));
  if (!isSettings(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [key, masked(below, [...path, key])]),
  );
}
