import { type Field, type Siblings, writeField } from './field.js';
import { RecordFrameError, type RecordReader } from './record-reader.js';

/**
 * Elements one after the other. Where the bytes end too soon, those before stand, the last as far as it was read.
 * @param count name of the sibling that says how many (see `countOf`); `rest` for as many as there are bytes for
 */
export function list<T>(element: Field<T>, count: string): Field<T[]> {
  return {
    type: `${element.type} …`,
    form: { kind: 'list', element, count },
    compound: true,
    read(reader, siblings) {
      const due = count === 'rest' ? Number.POSITIVE_INFINITY : (siblings[count] as number);
      const elements: T[] = [];
      try {
        while (elements.length < due && (count !== 'rest' || reader.left > 0)) {
          elements.push(readElement(reader, element, elements.length, siblings));
        }
      } catch (error) {
        if (error instanceof RecordFrameError) {
          if (error.partial !== undefined) elements.push(error.partial as T);
          error.partial = elements;
        }
        throw error;
      }
      return elements;
    },
    write(writer, value, siblings) {
      if (!Array.isArray(value)) throw writer.error('a list is needed');
      for (let index = 0; index < value.length; index++) {
        writeField(writer, String(index), element, value[index], siblings);
      }
    },
  };
}

function readElement<T>(reader: RecordReader, element: Field<T>, index: number, siblings: Siblings): T {
  if (!element.compound) return element.read(reader, siblings);
  reader.enter(String(index));
  const value = element.read(reader, siblings);
  reader.leave();
  return value;
}
