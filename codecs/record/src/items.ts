import { byte, type Field, type IntegerField, integerFieldOf, type Siblings, writeField } from './field.js';
import { RecordFrameError, type RecordReader } from './record-reader.js';
import type { RecordWriter } from './record-writer.js';

/** One kind of item: what it is called, and what stands in it. */
export interface ItemRow {
  readonly name: string;
  readonly field: Field<unknown>;
  /** Some peers give its id another meaning: what does not fit its field is no fault, but an item that is unknown. */
  readonly ambiguous?: boolean;
}

/** What items are like. */
export interface ItemsOptions {
  /** What is known, by id. */
  readonly table: ReadonlyMap<number, ItemRow>;
  /** Unknown items from an id on stand in an object of their own, of this name. */
  readonly custom?: { readonly name: string; readonly from: number };
}

/**
 * Items up to the end, each with an id and a length, a byte each, and what the table says of it. Those that are not in the
 * table stand as base64 by their id in decimal digits. So do those that do not fit what it says of them, with a fault:
 * devices get them wrong, and the rest is sound.
 */
export function items(options: ItemsOptions): Field<Record<string, unknown>> {
  const rows = [...options.table].map(([id, row]) => ({ ...row, id, integer: integerFieldOf(row.field) }));
  const byName = new Map(rows.map((row) => [row.name, row]));
  return {
    type: 'items',
    form: { kind: 'items', options },
    compound: true,
    read(reader) {
      const found: Record<string, unknown> = {};
      while (reader.left > 0) readItem(reader, options, found);
      return found;
    },
    write(writer, value) {
      if (typeof value !== 'object' || value === null) throw writer.error('an object is needed');
      writeItems(writer, options, byName, value as Siblings);
    },
  };
}

function readItem(reader: RecordReader, options: ItemsOptions, found: Record<string, unknown>): void {
  const start = reader.at;
  const id = reader.u8();
  const size = reader.u8();
  if (size > reader.left) {
    const reason = `item ${id} has ${size} bytes, ${reader.left} are left`;
    reader.at = start;
    const error = reader.error('truncated', reason);
    error.partial = found;
    throw error;
  }
  const { at } = reader;
  const end = reader.narrow(size);
  const row = options.table.get(id);
  if (row === undefined || !readKnown(reader, row, found)) {
    const place = placeOf(id, options, found);
    putSparse(place, id, reader.bytes.toString('base64', at, at + size));
    reader.at = at + size;
    if (reader.spans !== undefined) {
      reader.span('BYTE', at, place === found ? String(id) : `${options.custom?.name}.${id}`);
    }
  }
  reader.widen(end, at + size);
}

/** The object that has an unknown item: all of them, or one within. */
function placeOf(
  id: number,
  { custom }: ItemsOptions,
  found: Record<string, unknown>,
): Record<string, unknown> {
  if (custom === undefined || id < custom.from) return found;
  found[custom.name] ??= {};
  return found[custom.name] as Record<string, unknown>;
}

/**
 * Sets a property whose name is a number. A plain assignment would make V8 allocate an array of all numbers below it;
 * being read-only makes it keep the property apart.
 */
function putSparse(object: Record<string, unknown>, name: number, value: string): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: false });
}

/** @returns false when the item does not fit its row */
function readKnown(reader: RecordReader, row: ItemRow, found: Record<string, unknown>): boolean {
  const { depth, at: start } = reader;
  const { name, field } = row;
  try {
    if (field.compound) reader.enter(name);
    const value = field.read(reader, found);
    reader.expectEnd();
    if (field.compound) reader.leave();
    found[name] = value;
    if (reader.spans !== undefined) reader.span(field.type, start, name);
    return true;
  } catch (error) {
    if (error instanceof RecordFrameError && !field.compound) error.field = name;
    reader.passOver(error, depth, row.ambiguous);
    return false;
  }
}

/** A row with its id. */
interface NumberedRow extends ItemRow {
  readonly id: number;
  /** Its field, where that is an integer. */
  readonly integer: IntegerField | undefined;
}

/** Bytes of an id and a length. */
const HEAD_SIZE = 2;

function writeItems(
  writer: RecordWriter,
  options: ItemsOptions,
  byName: ReadonlyMap<string, NumberedRow>,
  value: Siblings,
): void {
  // In this way V8 finds the values, too, much sooner than by `Object.keys`. They come of JSON, or of `readItem`.
  for (const name in value) {
    const row = byName.get(name);
    if (row !== undefined) writeKnown(writer, row, value[name], value);
    else if (name === options.custom?.name) writeCustom(writer, name, value[name]);
    else writeUnknown(writer, name, value[name]);
  }
}

function writeKnown(
  writer: RecordWriter,
  { id, name, field, integer }: NumberedRow,
  value: unknown,
  siblings: Siblings,
): void {
  if (integer?.accepts(value)) {
    writer.item(id, integer.size, value);
    return;
  }
  const at = writer.leaveRoom(HEAD_SIZE);
  writer.patch(at, 1, id);
  writeField(writer, name, field, value, siblings);
  writer.patchSize(at + 1, 1);
}

function writeCustom(writer: RecordWriter, name: string, value: unknown): void {
  writer.enter(name);
  if (typeof value !== 'object' || value === null) throw writer.error('an object is needed');
  for (const id of Object.keys(value)) writeUnknown(writer, id, (value as Siblings)[id]);
  writer.leave();
}

function writeUnknown(writer: RecordWriter, name: string, value: unknown): void {
  writer.field = name;
  byte.write(writer, name === '' ? undefined : Number(name), NO_SIBLINGS);
  const at = writer.leaveRoom(1);
  const size = typeof value === 'string' ? writer.base64(value) : undefined;
  if (size === undefined) throw writer.error('base64 is needed');
  writer.patchSize(at, 1);
}

const NO_SIBLINGS: Siblings = {};
