import type { Form } from './form.js';
import type { RecordReader } from './record-reader.js';
import type { RecordWriter } from './record-writer.js';

/** The fields of a record that have been read, or are to be written, by name. */
export type Siblings = Readonly<Record<string, unknown>>;

/**
 * How one field stands in the bytes: read, written and named by the same description. A table of them is all that there
 * is to say of a message.
 */
export interface Field<T> {
  /** As the standard calls its type: `WORD`, `BCD[6]`. */
  readonly type: string;
  readonly form: Form;
  /**
   * @param siblings the fields before it
   * @throws FrameError<RecordErrorCode>
   */
  read(reader: RecordReader, siblings: Siblings): T;
  /**
   * @param value whatever it is
   * @param siblings all fields of the record
   * @throws RecordError when the value cannot be written
   */
  write(writer: RecordWriter, value: unknown, siblings: Siblings): void;
  /** Whether it is made of fields itself. */
  readonly compound?: boolean;
  /** Whether the field is there at all; missing where it always is. */
  readonly present?: Presence;
  /** When that is, for people. */
  readonly condition?: string;
}

/**
 * Whether a field is there.
 * @param edition of the standard (its year)
 * @param siblings read: the fields before it; written: all
 * @param left read: how many bytes are left; written: 0 where the field has no value, else 1
 */
export type Presence = (edition: number, siblings: Siblings, left: number) => boolean;

/** Writes a field of a compound one, so that errors tell its name. */
export function writeField(
  writer: RecordWriter,
  name: string,
  field: Field<unknown>,
  value: unknown,
  siblings: Siblings,
): void {
  if (field.compound) {
    writer.enter(name);
    field.write(writer, value, siblings);
    writer.leave();
  } else {
    writer.field = name;
    field.write(writer, value, siblings);
  }
}

/** The value of a field. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;

/** An integer without a sign. */
export interface IntegerField extends Field<number> {
  /** Bytes. */
  readonly size: 1 | 2 | 4;
  /** Whether a value can be written as one. */
  accepts(value: unknown): value is number;
}

function integer(type: string, size: 1 | 2 | 4, read: (reader: RecordReader) => number): IntegerField {
  const maximum = 256 ** size - 1;
  const accepts = (value: unknown): value is number =>
    typeof value === 'number' && value >>> 0 === value && value <= maximum;
  return {
    type,
    form: { kind: 'integer', size },
    size,
    accepts,
    read,
    write(writer, value) {
      if (!accepts(value)) throw writer.error(`an integer from 0 to ${maximum} is needed`);
      if (size === 1) writer.u8(value);
      else if (size === 2) writer.u16(value);
      else writer.u32(value);
    },
  };
}

/** The same field, where it is an integer. */
export function integerFieldOf(field: Field<unknown>): IntegerField | undefined {
  return field.form.kind === 'integer' ? (field as IntegerField) : undefined;
}

/** One byte, 0 to 255. */
export const byte = integer('BYTE', 1, (reader) => reader.u8());
/** Two bytes, 0 to 65,535. */
export const word = integer('WORD', 2, (reader) => reader.u16());
/** Four bytes, 0 to 4,294,967,295. */
export const dword = integer('DWORD', 4, (reader) => reader.u32());

/** How many bytes a field of bytes or text has. */
export type Length =
  /** So many. */
  | number
  /** As many as the sibling of that name says, see {@link sizeOf}. */
  | string
  /** All that are left. */
  | 'rest';

/** How many bytes are to be read. */
function sizeDue(reader: RecordReader, length: Length, siblings: Siblings): number {
  if (length === 'rest') return reader.left;
  return typeof length === 'number' ? length : (siblings[length] as number);
}

function typeOf(name: string, length: Length): string {
  return length === 'rest' ? name : `${name}[${length}]`;
}

function wrongSize(size: number, length: number): string {
  return `${size} bytes, but ${length} are needed`;
}

/** Bytes, which stand in JSON as base64. */
export function base64(length: Length): Field<string> {
  return {
    type: typeOf('BYTE', length),
    form: { kind: 'base64', length },
    read: (reader, siblings) => reader.base64(sizeDue(reader, length, siblings)),
    write(writer, value) {
      const size = typeof value === 'string' ? writer.base64(value) : undefined;
      if (size === undefined) throw writer.error('base64 is needed');
      if (typeof length === 'number' && size !== length) throw writer.error(wrongSize(size, length));
    },
  };
}

/** Digits of binary-coded decimals, two in a byte; half-bytes above nine are shown as the letters a to f. */
export function bcd(size: number): Field<string> {
  return {
    type: `BCD[${size}]`,
    form: { kind: 'bcd', length: size },
    read: (reader) => reader.hex(size),
    write(writer, value) {
      if (typeof value !== 'string' || !writer.hex(value.padStart(2 * size, '0'), size)) {
        throw writer.error(`at most ${2 * size} digits are needed`);
      }
    },
  };
}

const NUL = 0;

/**
 * Text in the encoding of the peer. One of fixed length is written with NULs behind it; read, those before it are
 * passed over, and the first behind it ends it.
 */
export function text(length: Length): Field<string> {
  return textField('STRING', length, typeof length === 'number' ? withoutPadding : (bytes) => bytes);
}

/** Text of fixed length whose NULs are part of it; written, they may be missing. */
export function characters(length: number): Field<string> {
  return textField('BYTE', length, (bytes) => bytes);
}

function textField(name: string, length: Length, shown: (bytes: Buffer) => Buffer): Field<string> {
  return {
    type: typeOf(name, length),
    form: { kind: 'text', length },
    read: (reader, siblings) => reader.text.decode(shown(reader.take(sizeDue(reader, length, siblings)))),
    write(writer, value) {
      const bytes = typeof value === 'string' ? writer.text.encode(value) : undefined;
      if (bytes === undefined) throw writer.error(`text that ${writer.text.name} can write is needed`);
      const missing = typeof length === 'number' ? length - bytes.length : 0;
      if (missing < 0) throw writer.error(wrongSize(bytes.length, length as number));
      writer.put(bytes);
      if (missing > 0) writer.fill(NUL, missing);
    },
  };
}

function withoutPadding(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length && bytes[start] === NUL) start++;
  const end = bytes.indexOf(NUL, start);
  return bytes.subarray(start, end < 0 ? bytes.length : end);
}

/**
 * How many elements the list of that name has: read, it says how many follow; written, it is counted.
 * @param list a sibling behind
 */
export function countOf(list: string, number: Field<number>): Field<number> {
  return {
    type: number.type,
    form: { kind: 'derived' },
    read: number.read,
    write(writer, _value, siblings) {
      const elements = siblings[list];
      number.write(writer, Array.isArray(elements) ? elements.length : 0, siblings);
    },
  };
}

/**
 * How many bytes the field of that name takes: read, it says how many follow; written, it is measured.
 * @param name a sibling behind
 * @param measured how that is described
 */
export function sizeOf(name: string, measured: Field<unknown>, number: Field<number>): Field<number> {
  return {
    type: number.type,
    form: { kind: 'derived' },
    read: number.read,
    write(writer, _value, siblings) {
      const apart = writer.fork();
      apart.field = name;
      measured.write(apart, siblings[name], siblings);
      number.write(writer, apart.length, siblings);
    },
  };
}

/**
 * A field that is there only in some editions, or when another field says so.
 * @param condition the same, for people
 */
export function when<T>(present: Presence, condition: string, field: Field<T>): Field<T | undefined> {
  return { ...field, present, condition };
}

/** A field that is there since an edition of the standard. @param year of it */
export function since<T>(year: number, field: Field<T>): Field<T | undefined> {
  return when((edition) => edition >= year, `since ${year}`, field);
}

/** A field that was there before an edition of the standard. @param year of it */
export function before<T>(year: number, field: Field<T>): Field<T | undefined> {
  return when((edition) => edition < year, `before ${year}`, field);
}

/**
 * A field that may be missing, with all behind it.
 * @param sibling the name of another without which it is missing, where that is not itself: a count, and its list
 */
export function optional<T>(field: Field<T>, sibling?: string): Field<T | undefined> {
  const present: Presence =
    sibling === undefined
      ? (_edition, _siblings, left) => left > 0
      : (_edition, siblings, left) => left > 0 || siblings[sibling] !== undefined;
  return when(present, 'optional', field);
}
