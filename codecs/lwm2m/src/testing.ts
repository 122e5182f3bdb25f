/** Shared by this package's tests: vectors as they are written in `vectors/`, a plain form of nodes, generators. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Lwm2mPath, ResourceType, TypeOf } from './model/types.js';
import type { Lwm2mNode, PayloadErrorCode, TypedNode } from './node.js';
import { formatPath, MAX_ID, parsePath } from './path.js';
import { exactInteger, formatValue, type Lwm2mValue } from './value.js';

/** A node as a vector shows it. */
export interface PlainNode {
  readonly path: string;
  readonly value: PlainValue;
  readonly raw?: boolean;
  readonly time?: number;
}

/** Bytes as hex, bigints and links in their text form. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | { readonly opaque: string }
  | { readonly integer: string }
  | { readonly objlnk: string };

export interface PayloadVector {
  readonly name: string;
  readonly format: number;
  readonly base: string;
  readonly hex: string;
  /** The same as `hex`, in formats of text. */
  readonly text?: string;
  readonly nodes: readonly PlainNode[];
  /** Whether the nodes are written as the same bytes. */
  readonly written: boolean;
}

export interface BadVector {
  readonly name: string;
  readonly format: number;
  readonly base: string;
  readonly hex: string;
  readonly text?: string;
  readonly error: PayloadErrorCode;
}

/** Reads `vectors/<name>.json`. */
export function loadVectors<Vectors>(name: string): Vectors {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as Vectors;
}

/** @param types by object and resource: `3/0`, with `*` behind the type of a multiple resource */
export function typesFrom(types: Readonly<Record<string, string>>): TypeOf {
  return ([object, , resource]) => {
    const type = types[`${object}/${resource}`];
    if (type === undefined) return undefined;
    return { type: type.replace('*', '') as ResourceType, multiple: type.endsWith('*') };
  };
}

/** A path of a vector. */
export function pathOf(text: string): Lwm2mPath {
  const path = parsePath(text);
  if (path === undefined) throw new Error(`no path: ${text}`);
  return path;
}

/** A node in the form of the vectors, for comparison. */
export function plain({ path, value, ...rest }: Lwm2mNode): PlainNode {
  return { path: formatPath(path), value: plainValue(value), ...rest };
}

function plainValue(value: Lwm2mValue | null): PlainValue {
  if (typeof value === 'bigint') return { integer: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  return Buffer.isBuffer(value) ? { opaque: value.toString('hex') } : { objlnk: formatValue(value) };
}

/** Nodes that were read, with the types that they were read by. */
export function typed(nodes: readonly Lwm2mNode[], typeOf: TypeOf): TypedNode[] {
  return nodes.map((node) => ({ ...node, type: node.raw ? 'none' : (typeOf(node.path)?.type ?? 'none') }));
}

const anyId = fc.oneof(fc.nat(20), fc.nat(MAX_ID));

/** Paths of so many ids. */
export function anyPath(minLength: number, maxLength: number): fc.Arbitrary<number[]> {
  return fc.array(anyId, { minLength, maxLength });
}

const integer = fc.oneof(
  fc.constantFrom(0n, 127n, 128n, -128n, -129n, 255n, 256n, 32768n, 65536n, 2n ** 31n, 2n ** 32n, 2n ** 53n),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const unsigned = fc.oneof(
  integer.filter((value) => value >= 0n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const float = fc
  .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer())
  .map((value) => (Object.is(value, -0) ? 0 : value));
const text = fc.string({ unit: 'binary', maxLength: 30 }).filter((string) => string.isWellFormed());
const linkedId = fc.nat(0xffff);

/** Values by type. */
export const anyValue: Readonly<Record<Exclude<ResourceType, 'none'>, fc.Arbitrary<Lwm2mValue>>> = {
  string: text,
  integer: integer.map(exactInteger),
  unsigned: unsigned.map(exactInteger),
  float,
  boolean: fc.boolean(),
  opaque: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  time: integer.map(exactInteger),
  objlnk: fc.record({ object: linkedId, instance: linkedId }, { noNullPrototype: true }),
  corelnk: text,
};

/** A value with its type. */
export const anyTyped: fc.Arbitrary<Pick<TypedNode, 'type' | 'value'>> = fc.oneof(
  ...Object.entries(anyValue).map(([type, arbitrary]) =>
    arbitrary.map((value) => ({ type: type as ResourceType, value })),
  ),
);
