import { type Field, type Siblings, type ValueOf, writeField } from './field.js';
import { type ReadOptions, type RecordFault, RecordFrameError, RecordReader } from './record-reader.js';
import { RecordWriter, type WriteOptions, type Written } from './record-writer.js';
import { leadingRun, type Run } from './run.js';

/** Fields by name, in the order in which they stand in the bytes. */
export type Shape = Readonly<Record<string, Field<unknown>>>;

/** The value of a record. */
export type RecordOf<S extends Shape> = { [name in keyof S]: ValueOf<S[name]> };

/** Fields one after the other. It is a field itself: records stand in records. */
export interface RecordField<S extends Shape> extends Field<RecordOf<S>> {
  readonly shape: S;
  /** Reads into an object, so that what was read is there when the bytes end too soon. */
  readInto(reader: RecordReader, into: Record<string, unknown>): void;
}

/** Describes fields one after the other. */
export function record<S extends Shape>(shape: S): RecordField<S> {
  const names = Object.keys(shape);
  const fields = Object.values(shape);
  const layout: Layout = { names, fields, run: leadingRun(names, fields) };
  return {
    type: 'record',
    form: { kind: 'record', shape },
    compound: true,
    shape,
    readInto: (reader, into) => readFields(reader, layout, into),
    read(reader) {
      const value: Record<string, unknown> = {};
      readFields(reader, layout, value);
      return value as RecordOf<S>;
    },
    write(writer, value) {
      if (!isObject(value)) throw writer.error('an object is needed');
      writeFields(writer, layout, value);
    },
  };
}

/** The fields of a record, each with its name. */
interface Layout {
  readonly names: readonly string[];
  readonly fields: readonly Field<unknown>[];
  readonly run: Run | undefined;
}

function readFields(
  reader: RecordReader,
  { names, fields, run }: Layout,
  into: Record<string, unknown>,
): void {
  let name: string | undefined;
  try {
    for (let i = readRun(reader, run, into); i < fields.length; i++) {
      const field = fields[i] as Field<unknown>;
      if (field.present !== undefined && !field.present(reader.edition, into, reader.left)) continue;
      const each = names[i] as string;
      name = field.compound ? undefined : each;
      const start = reader.at;
      if (field.compound) readCompound(reader, each, field, into);
      else into[each] = field.read(reader, into);
      if (reader.spans !== undefined) reader.span(field.type, start, each);
    }
  } catch (error) {
    if (error instanceof RecordFrameError) {
      error.field ??= name; // Compound fields have been entered.
      error.partial = Object.keys(into).length > 0 ? into : undefined;
    }
    throw error;
  }
}

/** Reads the run, where all its bytes are there and nobody asks where they are. @returns how many fields were read */
function readRun(reader: RecordReader, run: Run | undefined, into: Record<string, unknown>): number {
  if (run === undefined || reader.left < run.size || reader.spans !== undefined) return 0;
  run.read(into, reader.bytes, reader.at);
  reader.at += run.size;
  return run.count;
}

/** Reads a compound field into an object; as much of it as there is. */
function readCompound(
  reader: RecordReader,
  name: string,
  field: Field<unknown>,
  into: Record<string, unknown>,
): void {
  reader.enter(name);
  try {
    into[name] = field.read(reader, into);
  } catch (error) {
    if (error instanceof RecordFrameError && error.partial !== undefined) into[name] = error.partial;
    throw error;
  }
  reader.leave();
}

function writeFields(writer: RecordWriter, { names, fields, run }: Layout, value: Siblings): void {
  const written = run !== undefined && writer.tryRun(run, value) ? run.count : 0;
  for (let i = written; i < fields.length; i++) {
    const field = fields[i] as Field<unknown>;
    const name = names[i] as string;
    const each = value[name];
    if (field.present !== undefined && !field.present(writer.edition, value, each === undefined ? 0 : 1)) {
      continue;
    }
    writeField(writer, name, field, each, value);
  }
}

function isObject(value: unknown): value is Siblings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What could be read of a record. */
export interface ReadResult<T> {
  /** Without the fields that could not be read. */
  readonly value: T;
  readonly faults: readonly RecordFault[];
  /** How many bytes the record has; there may be others behind it. */
  readonly length: number;
}

/** Reads as much of a record as there is. Never throws for what a peer sends. */
export function readRecord<S extends Shape>(
  described: RecordField<S>,
  bytes: Buffer,
  options: ReadOptions,
): ReadResult<Partial<RecordOf<S>>> {
  const reader = new RecordReader(bytes, options);
  const value: Record<string, unknown> = {};
  try {
    described.readInto(reader, value);
  } catch (error) {
    reader.passOver(error, 0);
  }
  return { value: value as Partial<RecordOf<S>>, faults: reader.faults, length: reader.at };
}

const shared = new RecordWriter();

/**
 * Writes a record.
 * @param name of the whole, with which the paths of errors begin: `body`
 * @param room bytes to leave free before it
 * @returns borrowed bytes: the next record is written over them
 * @throws RecordError when a value cannot be written
 */
export function writeRecord(
  described: Field<unknown>,
  value: unknown,
  options: WriteOptions,
  name: string,
  room = 0,
): Buffer {
  return recordWritten(described, value, options, name, room).written;
}

/** As {@link writeRecord}, for those who do without a buffer of just the bytes that were written. */
export function recordWritten(
  described: Field<unknown>,
  value: unknown,
  options: WriteOptions,
  name: string,
  room: number,
): Written {
  shared.begin(options, name);
  shared.leaveRoom(room);
  described.write(shared, value, NO_SIBLINGS);
  return shared;
}

const NO_SIBLINGS: Siblings = {};
