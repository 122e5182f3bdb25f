import { z } from 'zod';
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

/** What `schema` takes as input. Sections take no keys but their own, whether or not the schema says so. */
export function schemaTree(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema }) {
      if (jsonSchema.properties !== undefined) jsonSchema.additionalProperties ??= false;
    },
  }) as SchemaNode;
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

/** Whether a secret can be written at `node` or anywhere below it. */
export function holdsSecrets(node: SchemaNode): boolean {
  return alternatives(node).some(
    (form) =>
      Object.entries(form.properties ?? {}).some(([key, child]) => isSecretKey(key) || holdsSecrets(child)) ||
      (entryOf(form) ?? []).some(holdsSecrets) ||
      (form.items !== undefined && holdsSecrets(form.items)),
  );
}
