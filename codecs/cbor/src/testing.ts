/** Shared by this package's tests: vectors as they are written in `vectors/`, a notation, a generator for properties. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { CborErrorCode } from './decoder.js';
import { CborSimple, CborTag, type CborValue } from './value.js';

export interface GoodVector {
  readonly hex: string;
  readonly diagnostic: string;
  /** Whether the bytes are the preferred serialization of what is read from them. */
  readonly preferred: boolean;
}

export interface BadVector {
  readonly name: string;
  readonly hex: string;
  readonly error: CborErrorCode;
  readonly offset: number;
}

/** Reads `vectors/<name>.json`. */
export function loadVectors<Vector>(name: string): readonly Vector[] {
  const file = new URL(`../vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors;
}

/** Diagnostic notation, RFC 8949 §8, with numbers as ECMAScript writes them. */
export function diagnostic(value: CborValue): string {
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Buffer.isBuffer(value)) return `h'${value.toString('hex')}'`;
  if (value instanceof CborTag) return `${value.tag}(${diagnostic(value.value)})`;
  if (value instanceof CborSimple) return `simple(${value.value})`;
  if (Array.isArray(value)) return `[${value.map(diagnostic).join(', ')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${diagnostic(key)}: ${diagnostic(item)}`).join(', ')}}`;
  }
  return String(value);
}

const argument = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const integer = argument.map((value) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value));
const negative = argument.map((value) => {
  const number = -1n - value;
  return number >= Number.MIN_SAFE_INTEGER ? Number(number) : number;
});
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((string) => string.isWellFormed());

/** Any data item, not too deep. */
export const anyValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(integer, fc.nat(70_000), negative, fc.double(), fc.float(), text, bytes),
    fc.constantFrom<CborValue>(true, false, null, undefined, 65504.5, 2 ** -24, new CborSimple(255)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .uniqueArray(fc.tuple(fc.oneof(integer, text), tie('value')), {
        maxLength: 5,
        selector: ([key]) => key,
      })
      .map((pairs): CborValue => new Map(pairs)),
    fc.tuple(integer, tie('value')).map(([tag, value]) => new CborTag(tag, value)),
  ),
})).value;
