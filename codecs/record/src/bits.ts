import type { Field, Siblings } from './field.js';

/** Values whose bits are kept by name: most devices send few, over and over. */
const MAX_KNOWN = 256;

/**
 * An integer whose bits have names, which stand in JSON as 0 and 1 each. Bits without a name are passed over.
 * @param names from bit 0 on
 */
export function bits(
  number: Field<number>,
  names: readonly string[],
): Field<Readonly<Record<string, number>>> {
  const known = new Map<number, Readonly<Record<string, number>>>();
  return {
    type: number.type,
    read(reader, siblings) {
      const value = number.read(reader, siblings);
      const named = known.get(value) ?? namedBits(value, names);
      if (known.size < MAX_KNOWN) known.set(value, named);
      return named;
    },
    write(writer, value, siblings) {
      if (typeof value !== 'object' || value === null) throw writer.error('an object of bits is needed');
      number.write(writer, numberOf(value as Siblings, names), siblings);
    },
  };
}

function namedBits(value: number, names: readonly string[]): Readonly<Record<string, number>> {
  return Object.freeze(Object.fromEntries(names.map((name, bit) => [name, (value >>> bit) & 1])));
}

function numberOf(named: Siblings, names: readonly string[]): number {
  let value = 0;
  for (let bit = 0; bit < names.length; bit++) {
    if (named[names[bit] as string]) value |= 1 << bit;
  }
  return value >>> 0;
}
