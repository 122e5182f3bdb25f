import { z } from 'zod';
import type { KeyPath } from './key-path.js';
import { isSecretKey } from './secrets.js';

/**
 * One place in the configuration, as JSON Schema (draft 2020-12) describes what may be written there. The
 * loader, the reference page and the editor's schema all read this one form, so they cannot disagree.
 */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | SchemaNode;
  readonly propertyNames?: SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** A place about which nothing is known: anything may be written there. */
export const ANYTHING: SchemaNode = {};

/** JSON Schema of what `schema` takes as input. Sections take no keys but their own, whether or not it says so. */
export function jsonSchema(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema: node }) {
      if (node.properties !== undefined) node.additionalProperties ??= false;
    },
  });
}

/** Trees made so far: a process that starts many hubs, as tests do, makes each but once. */
const TREES = new WeakMap<z.ZodType, SchemaNode>();

/** What `schema` takes as input. A schema that contains itself gives a tree that does so too. */
export function schemaTree(schema: z.ZodType): SchemaNode {
  const known = TREES.get(schema);
  if (known !== undefined) return known;
  const tree = makeTree(schema);
  TREES.set(schema, tree);
  return tree;
}

function makeTree(schema: z.ZodType): SchemaNode {
  const root = jsonSchema(schema);
  const definitions = new Map<string, object>([['#', {}]]);
  const pieces = Object.entries(root.$defs ?? {}).map(([name, piece]) => [`#/$defs/${name}`, piece] as const);
  for (const [reference] of pieces) definitions.set(reference, {});
  for (const [reference, piece] of [...pieces, ['#', root] as const]) {
    Object.assign(definitions.get(reference) ?? {}, withoutReferences(piece, definitions));
  }
  return definitions.get('#') ?? ANYTHING;
}

/** A copy of a piece of JSON Schema in which definitions stand in the place of the references to them. */
function withoutReferences(piece: unknown, definitions: ReadonlyMap<string, object>): unknown {
  if (Array.isArray(piece)) return piece.map((element) => withoutReferences(element, definitions));
  if (typeof piece !== 'object' || piece === null) return piece;
  const { $ref, $defs, ...rest } = piece as z.core.JSONSchema.BaseSchema;
  const copy = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, withoutReferences(value, definitions)]),
  );
  return $ref === undefined ? copy : { ...copy, anyOf: [definitions.get($ref)] };
}

/** The forms that a value may have: the node itself, or the branches of its union. */
export function alternatives(node: SchemaNode): readonly SchemaNode[] {
  const branches = node.anyOf ?? node.oneOf;
  return branches === undefined ? [node] : branches.flatMap(alternatives);
}

/** Names of the JSON types that may be written at `node`; empty for any. */
export function acceptedTypes(node: SchemaNode): ReadonlySet<string> {
  const types = new Set<string>();
  for (const { type } of alternatives(node)) {
    if (typeof type === 'string') types.add(type);
    else for (const name of type ?? []) types.add(name);
  }
  return types;
}

/** Whether keys are written below `node`. */
export function isSection(node: SchemaNode): boolean {
  return acceptedTypes(node).has('object');
}

/** Keys with a fixed name below `node`, in the order of the schema. */
export function fixedKeys(node: SchemaNode): readonly string[] {
  const keys = new Set<string>();
  for (const { properties, propertyNames } of alternatives(node)) {
    for (const key of Object.keys(properties ?? {})) keys.add(key);
    for (const key of propertyNames?.enum ?? []) keys.add(String(key));
  }
  return [...keys];
}

/** Whether `node` takes keys of the operator's choice, such as listener ids. */
export function takesAnyKey(node: SchemaNode): boolean {
  return alternatives(node).some(
    (form) => entryOf(form) !== undefined && form.propertyNames?.enum === undefined,
  );
}

/** The place that `key` leads to; undefined when there is no such key. */
export function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  if (acceptedTypes(node).size === 0) return ANYTHING;
  const found: SchemaNode[] = [];
  for (const form of alternatives(node)) {
    const { properties, propertyNames } = form;
    if (properties !== undefined && Object.hasOwn(properties, key)) found.push(properties[key] as SchemaNode);
    else if (propertyNames?.enum?.includes(key) ?? true) found.push(...(entryOf(form) ?? []));
  }
  return found.length > 1 ? { anyOf: found } : found[0];
}

/** What may stand at each key of the operator's choice. */
function entryOf({ additionalProperties }: SchemaNode): [SchemaNode] | undefined {
  return typeof additionalProperties === 'object' ? [additionalProperties] : undefined;
}

/** What each element of a list may be. */
export function itemOf(node: SchemaNode): SchemaNode {
  return alternatives(node).find((form) => form.items !== undefined)?.items ?? ANYTHING;
}

/** The place that `path` leads to; anything may be written where it leads nowhere. */
export function nodeAt(tree: SchemaNode, path: KeyPath): SchemaNode {
  let node = tree;
  for (const step of path) node = (typeof step === 'number' ? itemOf(node) : childOf(node, step)) ?? ANYTHING;
  return node;
}

/** Whether a secret can be written at `node` or anywhere below it. */
export function holdsSecrets(node: SchemaNode, seen = new Set<SchemaNode>()): boolean {
  if (seen.has(node)) return false;
  seen.add(node);
  return alternatives(node).some((form) => {
    const children = [
      ...Object.values(form.properties ?? {}),
      ...(entryOf(form) ?? []),
      form.items ?? ANYTHING,
    ];
    return (
      Object.keys(form.properties ?? {}).some(isSecretKey) ||
      children.some((child) => holdsSecrets(child, seen))
    );
  });
}
