import { compiled, propertyOf } from './compiled.js';
import type { Field, IntegerField, Siblings } from './field.js';

/** Values whose bits are kept by name: most devices send few, over and over. */
const MAX_KNOWN = 256;

/**
 * An integer whose bits have names, which stand in JSON as 0 and 1 each. Bits without a name are passed over.
 * @param names from bit 0 on
 */
export function bits(
  number: IntegerField,
  names: readonly string[],
): Field<Readonly<Record<string, number>>> {
  const known = new Map<number, Readonly<Record<string, number>>>();
  const numberOf = numberOfBits(names);
  return {
    type: number.type,
    form: { kind: 'bits', names, size: number.size },
    read(reader, siblings) {
      const value = number.read(reader, siblings);
      const named = known.get(value) ?? namedBits(value, names);
      if (known.size < MAX_KNOWN) known.set(value, named);
      return named;
    },
    write(writer, value, siblings) {
      if (typeof value !== 'object' || value === null) throw writer.error('an object of bits is needed');
      number.write(writer, numberOf(value as Siblings), siblings);
    },
  };
}

function namedBits(value: number, names: readonly string[]): Readonly<Record<string, number>> {
  return Object.freeze(Object.fromEntries(names.map((name, bit) => [name, (value >>> bit) & 1])));
}

/** Makes what puts bits together. */
function numberOfBits(names: readonly string[]): (named: Siblings) => number {
  const each = names.map((name, bit) => `(named${propertyOf(name)} ? ${2 ** bit} : 0)`);
  return compiled(['named'], [`return (${each.join(' | ')}) >>> 0;`]) as (named: Siblings) => number;
}

/**
 * An integer that holds several smaller ones.
 * @param parts their names and how many bits each has, from the highest bit on; all bits of the integer
 */
export function packed(
  number: IntegerField,
  parts: Readonly<Record<string, number>>,
): Field<Record<string, number>> {
  return {
    type: number.type,
    form: { kind: 'packed', parts },
    compound: true,
    read(reader, siblings) {
      let left = number.read(reader, siblings);
      const values: [string, number][] = [];
      for (const [name, bitCount] of Object.entries(parts).reverse()) {
        values.unshift([name, left % 2 ** bitCount]);
        left = Math.floor(left / 2 ** bitCount);
      }
      return Object.fromEntries(values);
    },
    write(writer, value, siblings) {
      let whole = 0;
      for (const [name, bitCount] of Object.entries(parts)) {
        const part = Number((value as Siblings)[name]);
        writer.field = name;
        if (!Number.isInteger(part) || part < 0 || part >= 2 ** bitCount) {
          throw writer.error(`an integer from 0 to ${2 ** bitCount - 1} is needed`);
        }
        whole = whole * 2 ** bitCount + part;
      }
      number.write(writer, whole, siblings);
    },
  };
}
