import type { Field, IntegerField, Siblings } from './field.js';
import { RecordFrameError, type RecordReader } from './record-reader.js';
import type { RecordWriter } from './record-writer.js';

/** One kind of item: what it is called, and what stands in it. */
export interface ItemRow {
  readonly name: string;
  readonly field: Field<unknown>;
}

/** What items are like. */
export interface ItemsOptions {
  /** What each begins with, and what says how many bytes follow. */
  readonly id: IntegerField;
  readonly size: IntegerField;
  /** What is known, by id. */
  readonly table: ReadonlyMap<number, ItemRow>;
  /**
   * Where items go that are not in the table, or do not fit what it says of them: their bytes in base64, by id in
   * decimal digits.
   * @returns the object in `items` that takes them: `items` itself, or one within
   */
  unknown(id: number, items: Record<string, unknown>): Record<string, unknown>;
  /** The same to be written: id and bytes of items that are not in the table. */
  others(items: Siblings): Iterable<readonly [id: number, bytes: Buffer]>;
}

/**
 * Items up to the end, each with an id, a length and what the table says of it. An item that does not fit is passed over
 * as one that is unknown, with a fault: devices get them wrong, and the rest is sound.
 */
export function items(options: ItemsOptions): Field<Record<string, unknown>> {
  return {
    type: 'items',
    compound: true,
    read(reader, siblings) {
      const found: Record<string, unknown> = {};
      while (reader.left > 0) readItem(reader, options, found, siblings);
      return found;
    },
    write(writer, value) {
      if (typeof value !== 'object' || value === null) throw writer.error('an object is needed');
      writeItems(writer, options, value as Siblings);
    },
  };
}

function readItem(
  reader: RecordReader,
  { id: idField, size: sizeField, table, unknown }: ItemsOptions,
  found: Record<string, unknown>,
  siblings: Siblings,
): void {
  const start = reader.at;
  const id = idField.read(reader, siblings);
  const size = sizeField.read(reader, siblings);
  if (size > reader.left) {
    const reason = `item ${id} has ${size} bytes, ${reader.left} are left`;
    reader.at = start;
    throw reader.error('truncated', reason);
  }
  const { at, end } = reader;
  const row = table.get(id);
  if (row === undefined || !readKnown(reader, row, at + size, found)) {
    unknown(id, found)[id] = reader.bytes.toString('base64', at, at + size);
  }
  reader.at = at + size;
  reader.end = end;
}

/** @returns false when the item does not fit its row */
function readKnown(
  reader: RecordReader,
  { name, field }: ItemRow,
  itemEnd: number,
  found: Record<string, unknown>,
): boolean {
  const { depth, at: start } = reader;
  reader.end = itemEnd;
  try {
    if (field.compound) reader.enter(name);
    const value = field.read(reader, found);
    if (field.compound) reader.leave();
    if (reader.left > 0) throw reader.error('wrong_length', `${reader.left} bytes too many`);
    found[name] = value;
    if (reader.spans !== undefined) reader.span(field.type, start, name);
    return true;
  } catch (error) {
    if (error instanceof RecordFrameError && !field.compound) error.field = name;
    reader.passOver(error, depth);
    return false;
  }
}

function writeItems(writer: RecordWriter, options: ItemsOptions, value: Siblings): void {
  const { id: idField, size: sizeField, table, others } = options;
  for (const [id, { name, field }] of table) {
    if (value[name] === undefined) continue;
    idField.write(writer, id, value);
    writer.enter(name);
    writeSized(writer, sizeField, () => field.write(writer, value[name], value));
    writer.leave();
  }
  for (const [id, bytes] of others(value)) {
    idField.write(writer, id, value);
    writeSized(writer, sizeField, () => writer.put(bytes));
  }
}

/** Writes how many bytes follow, once that is known. */
function writeSized(writer: RecordWriter, { size: bytes }: IntegerField, write: () => void): void {
  const at = writer.skip(bytes);
  write();
  const size = writer.length - at - bytes;
  if (size >= 256 ** bytes) throw writer.error(`${size} bytes are too many`);
  writer.patch(at, bytes, size);
}
