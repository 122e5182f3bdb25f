import type { Field, IntegerField, Siblings } from './field.js';
import type { RecordReader } from './record-reader.js';

/**
 * A field behind the number of its bytes, which does not stand in JSON.
 * @param otherwise how bytes are read that do not fit the field, with a fault; missing where that is an error
 */
export function sized<T, O = T>(size: IntegerField, field: Field<T>, otherwise?: Field<O>): Field<T | O> {
  const compound = field.compound === true || otherwise !== undefined;
  return {
    type: `${size.type} + ${field.type}`,
    form: { kind: 'sized', size, field },
    compound,
    read(reader, siblings) {
      const length = size.read(reader, siblings);
      const { at } = reader;
      const end = reader.narrow(length);
      const value = readWhole(reader, field, otherwise, siblings);
      reader.widen(end, at + length);
      return value;
    },
    write(writer, value, siblings) {
      const at = writer.leaveRoom(size.size);
      field.write(writer, value, siblings);
      writer.patchSize(at, size.size);
    },
  };
}

function readWhole<T, O>(
  reader: RecordReader,
  field: Field<T>,
  otherwise: Field<O> | undefined,
  siblings: Siblings,
): T | O {
  const { at, end, depth } = reader;
  try {
    const value = field.read(reader, siblings);
    reader.expectEnd();
    return value;
  } catch (error) {
    if (otherwise === undefined) throw error;
    reader.passOver(error, depth);
    reader.at = at;
    reader.end = end;
    return otherwise.read(reader, siblings);
  }
}

/**
 * A field whose description depends on a sibling before it.
 * @param by its name
 * @param fields by its value
 * @param otherwise for all other values
 */
export function choice(
  by: string,
  fields: ReadonlyMap<unknown, Field<unknown>>,
  otherwise: Field<unknown>,
): Field<unknown> {
  const of = (siblings: Siblings): Field<unknown> => fields.get(siblings[by]) ?? otherwise;
  return {
    type: `by ${by}`,
    form: { kind: 'choice', by, fields, otherwise },
    read: (reader, siblings) => of(siblings).read(reader, siblings),
    write: (writer, value, siblings) => of(siblings).write(writer, value, siblings),
  };
}

/**
 * A field whose description depends on the edition of the standard.
 * @param oldest before all others
 * @param newer the others with the year of the edition that has them first, from the oldest on
 */
export function byEdition<T>(
  oldest: Field<T>,
  ...newer: readonly (readonly [since: number, field: Field<T>])[]
): Field<T> {
  const newestFirst = [...newer].reverse();
  const of = (edition: number): Field<T> => newestFirst.find(([since]) => edition >= since)?.[1] ?? oldest;
  return {
    type: [oldest, ...newer.map(([, field]) => field)].map(({ type }) => type).join(' / '),
    form: { kind: 'edition', fields: [[0, oldest], ...newer] },
    read: (reader, siblings) => of(reader.edition).read(reader, siblings),
    write: (writer, value, siblings) => of(writer.edition).write(writer, value, siblings),
  };
}

/** Several fields that are objects, one after the other, whose members stand in one object. */
export function joined(...fields: readonly Field<object>[]): Field<Record<string, unknown>> {
  return {
    type: 'record',
    form: { kind: 'joined', fields },
    compound: true,
    read(reader, siblings) {
      return Object.assign({}, ...fields.map((field) => field.read(reader, siblings)));
    },
    write(writer, value, siblings) {
      if (typeof value !== 'object' || value === null) throw writer.error('an object is needed');
      for (const field of fields) field.write(writer, value, siblings);
    },
  };
}
