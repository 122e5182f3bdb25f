import { type Field, type IntegerField, list } from '@portico/record';

/** The highest number of an integer says that it is invalid, the one below that it is abnormal (GB/T 32960.3-2016 §6.3). */
export function isNoValue(value: number, size: 1 | 2 | 4): boolean {
  return value >= 256 ** size - 2;
}

/**
 * How many elements the list of that name has. Its highest two numbers say that it is not known, and nothing follows:
 * written, they stay as they are while the list is empty; all others are counted.
 */
export function countOf(elements: string, number: IntegerField): Field<number> {
  return {
    ...number,
    form: { kind: 'derived' },
    write(writer, value, siblings) {
      const counted = siblings[elements];
      const length = Array.isArray(counted) ? counted.length : 0;
      const isUnknown = length === 0 && typeof value === 'number' && isNoValue(value, number.size);
      number.write(writer, isUnknown ? value : length, siblings);
    },
  };
}

/**
 * Elements of a list, as many as a sibling says.
 * @param count its name
 * @param size bytes of the sibling
 */
export function elements<T>(element: Field<T>, count: string, size: 1 | 2 | 4): Field<T[]> {
  const all = list(element, count);
  return {
    ...all,
    read: (reader, siblings) =>
      isNoValue(siblings[count] as number, size) ? [] : all.read(reader, siblings),
  };
}
