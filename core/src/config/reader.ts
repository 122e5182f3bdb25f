import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { expectation } from './expectation.js';
import type { Findings } from './findings.js';
import type { KeyPath } from './key-path.js';
import type { ConfigSource } from './problem.js';
import {
  ANYTHING,
  acceptedTypes,
  childOf,
  holdsSecrets,
  isSection,
  itemOf,
  nodeAt,
  type SchemaNode,
  takesAnyKey,
} from './schema-tree.js';
import { MASK } from './secrets.js';
import { adviseOnKey } from './unknown-key.js';
import type { YamlText } from './yaml-source.js';

/** What keys look like; anything else is a piece of a value that was taken for one. */
const KEY = /^[\w-]+$/;

/** A key that objects of JavaScript cannot simply have; where schemas take names, they would overlook it. */
const NO_NAME = '__proto__';

const DANGLING_ALIAS =
  'a value cannot begin with * (an alias) unless the anchor stands before it; write it in quotes';

/**
 * Turns YAML into plain values, with the schema at hand: keys that do not exist, keys written twice and keys
 * without a value are reported and left out, reserved keys are left out, and what looks like a number or
 * `true` stays text where the schema wants text.
 */
export class Reader {
  readonly #yaml: YamlText;
  readonly #findings: Findings;
  readonly #openAliases = new Set<Node>();
  readonly #tree: SchemaNode;

  /** @param tree of the whole configuration */
  constructor(yaml: YamlText, tree: SchemaNode, findings: Findings) {
    this.#yaml = yaml;
    this.#tree = tree;
    this.#findings = findings;
  }

  /**
   * The value of a text, which stands at `path`; undefined when there is none to speak of.
   * @param contents the part of the text that is read; all of it unless given
   */
  read(path: KeyPath, contents: Node | null = this.#yaml.document.contents): unknown {
    const schema = nodeAt(this.#tree, path);
    const source = this.#yaml.sourceAt(contents?.range?.[0] ?? 0);
    return contents === null
      ? this.#empty(schema, path, source)
      : this.#value(contents, schema, path, source);
  }

  #value(node: Node, schema: SchemaNode, path: KeyPath, keySource: ConfigSource): unknown {
    if (isAlias(node)) {
      const target = node.resolve(this.#yaml.document);
      if (target !== undefined && !this.#openAliases.has(target)) {
        this.#openAliases.add(target);
        const value = this.#value(target, schema, path, keySource);
        this.#openAliases.delete(target);
        return value;
      }
      return this.#reject(path, this.#sourceOf(node), DANGLING_ALIAS);
    }
    if (isMap(node)) {
      this.#findings.written(path, keySource);
      return this.#section(node, isSection(schema) ? schema : ANYTHING, path);
    }
    this.#findings.written(path, this.#sourceOf(node));
    if (isSeq(node)) {
      return node.items.map((item, index) =>
        this.#value(item as Node, itemOf(schema), [...path, index], this.#sourceOf(item as Node)),
      );
    }
    return isScalar(node) ? this.#scalar(node, schema, path, keySource) : undefined;
  }

  #section(map: YAMLMap, schema: SchemaNode, path: KeyPath): unknown {
    const entries = new Map<string, unknown>();
    const seen = new Map<string, ConfigSource>();
    for (const { key: keyNode, value } of map.items as Pair<Node, Node | null>[]) {
      const source = this.#sourceOf(keyNode);
      if (!isScalar(keyNode)) {
        this.#findings.report(source, path, 'a key must be text');
        continue;
      }
      const key = keyNode.source ?? String(keyNode.value);
      const child = this.#admit(key, schema, path, source, seen);
      if (child === undefined) continue;
      const below = [...path, key];
      const read =
        value === null ? this.#empty(child, below, source) : this.#value(value, child, below, source);
      if (read !== undefined) entries.set(key, read);
    }
    return Object.fromEntries(entries);
  }

  /** The schema of `key`; undefined when the key is reported or reserved. */
  #admit(
    key: string,
    schema: SchemaNode,
    path: KeyPath,
    source: ConfigSource,
    seen: Map<string, ConfigSource>,
  ): SchemaNode | undefined {
    const below = [...path, key];
    const first = seen.get(key);
    if (first !== undefined) {
      const where = 'line' in first ? `; the first is on line ${first.line}` : '';
      return this.#reject(below, source, `written twice${where}`);
    }
    seen.set(key, source);
    if (this.#findings.useReserved(below)) return undefined;
    if (key === NO_NAME && takesAnyKey(schema)) return this.#reject(below, source, 'cannot be a name');
    return childOf(schema, key) ?? this.#rejectUnknown(key, schema, path, source);
  }

  /** @param schema of the section that the key stands in */
  #rejectUnknown(key: string, schema: SchemaNode, path: KeyPath, source: ConfigSource): undefined {
    if (!KEY.test(key) && holdsSecrets(schema)) {
      return this.#reject(
        [...path, MASK],
        source,
        'unknown key; a value that holds commas, such as a hash, must be in quotes',
      );
    }
    const { meant, reason } = adviseOnKey(key, path, this.#tree, this.#findings.reservedBelow(path));
    if (meant !== undefined) this.#findings.excuse([...path, meant]);
    return this.#reject([...path, key], source, reason);
  }

  #scalar(scalar: Scalar, schema: SchemaNode, path: KeyPath, keySource: ConfigSource): unknown {
    const { value, source } = scalar;
    const types = acceptedTypes(schema);
    if (value === null && (source ?? '') === '') return this.#empty(schema, path, keySource);
    const keepsText = types.has('string') && !isOfType(value, types);
    return keepsText ? (source ?? String(value)) : value;
  }

  /** A section may be left empty, as when all its keys are commented out; a value may not. */
  #empty(schema: SchemaNode, path: KeyPath, source: ConfigSource): unknown {
    const types = acceptedTypes(schema);
    if (types.has('null')) return null;
    if (types.size === 0 || types.has('object') || types.has('array')) return undefined;
    return this.#reject(path, source, `no value given; expected ${expectation(schema)}`);
  }

  #reject(path: KeyPath, source: ConfigSource, reason: string): undefined {
    this.#findings.report(source, path, reason);
    this.#findings.excuse(path);
    return undefined;
  }

  #sourceOf(node: Node): ConfigSource {
    return this.#yaml.sourceAt(node.range?.[0] ?? 0);
  }
}

function isOfType(value: unknown, types: ReadonlySet<string>): boolean {
  if (typeof value === 'number') return types.has('number') || types.has('integer');
  return types.has(value === null ? 'null' : typeof value);
}
