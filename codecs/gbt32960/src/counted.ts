import { byte, type Field, type IntegerField, list, type RecordReader, type Shape } from '@portico/record';

/** The highest number of an integer says that it is invalid, the one below that it is abnormal (GB/T 32960.3-2016 §6.3). */
export function isNoValue(value: number, size: 1 | 2 | 4): boolean {
  return value >= 256 ** size - 2;
}

/**
 * A list and, before it, how many elements it has.
 * @param count name of the number
 * @param elements name of the list
 * @param number how the number is written
 */
export function countedList(
  count: string,
  elements: string,
  element: Field<unknown>,
  number: IntegerField = byte,
): Shape {
  return { [count]: countOf(elements, number), [elements]: elementsOf(element, count, number.size) };
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
function elementsOf<T>(element: Field<T>, count: string, size: 1 | 2 | 4): Field<T[]> {
  const all = list(element, count);
  const { form } = element;
  const elementSize = form.kind === 'integer' ? form.size : undefined;
  return {
    ...all,
    read(reader, siblings) {
      const due = siblings[count] as number;
      if (isNoValue(due, size)) return [];
      // Cells, of which a report has hundreds, go by themselves.
      if (elementSize === 2 && due * 2 <= reader.left) return words(reader, due) as T[];
      return all.read(reader, siblings);
    },
  };
}

/** So many numbers of two bytes, which are there. */
function words(reader: RecordReader, count: number): number[] {
  const { bytes, at } = reader;
  const values: number[] = [];
  const end = at + 2 * count;
  for (let i = at; i < end; i += 2) values.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  reader.at = end;
  return values;
}
