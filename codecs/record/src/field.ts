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
}

/** Whether a field is there, by edition of the standard (its year) and the other fields. */
export type Presence = (edition: number, siblings: Siblings) => boolean;

/** The value of a field. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;

/** An integer without a sign. */
export interface IntegerField extends Field<number> {
  /** Bytes. */
  readonly size: 1 | 2 | 4;
}

function integer(type: string, size: 1 | 2 | 4, read: (reader: RecordReader) => number): IntegerField {
  const maximum = 256 ** size - 1;
  const put = PUT[size];
  return {
    type,
    size,
    read,
    write(writer, value) {
      if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > maximum) {
        throw writer.error(`an integer from 0 to ${maximum} is needed`);
      }
      put(writer, value as number);
    },
  };
}

const PUT = {
  1: (writer: RecordWriter, value: number) => writer.u8(value),
  2: (writer: RecordWriter, value: number) => writer.u16(value),
  4: (writer: RecordWriter, value: number) => writer.u32(value),
};

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

/** Writes bytes that are to be as many as described. */
function putLength(writer: RecordWriter, bytes: Buffer, length: Length, padding: number | undefined): void {
  const missing = typeof length === 'number' ? length - bytes.length : 0;
  if (missing < 0 || (missing > 0 && padding === undefined)) {
    throw writer.error(`${bytes.length} bytes, but ${length} are needed`);
  }
  writer.put(bytes);
  if (missing > 0) writer.fill(padding ?? 0, missing);
}

/** Bytes, which stand in JSON as base64. */
export function base64(length: Length): Field<string> {
  return {
    type: typeOf('BYTE', length),
    read: (reader, siblings) => reader.base64(sizeDue(reader, length, siblings)),
    write(writer, value) {
      const bytes = typeof value === 'string' ? bytesOf(value) : undefined;
      if (bytes === undefined) throw writer.error('base64 is needed');
      putLength(writer, bytes, length, undefined);
    },
  };
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function bytesOf(base64Text: string): Buffer | undefined {
  return BASE64.test(base64Text) ? Buffer.from(base64Text, 'base64') : undefined;
}

const DIGITS = /^[0-9a-f]*$/i;

/** Digits of binary-coded decimals, two in a byte; half-bytes above nine are shown as the letters a to f. */
export function bcd(size: number): Field<string> {
  return {
    type: `BCD[${size}]`,
    read: (reader) => reader.hex(size),
    write(writer, value) {
      if (typeof value !== 'string' || value.length > 2 * size || !DIGITS.test(value)) {
        throw writer.error(`at most ${2 * size} digits are needed`);
      }
      writer.hex(value.padStart(2 * size, '0'));
    },
  };
}

const NUL = 0;

/** Text in the encoding of the peer; one of fixed length ends at its first NUL and is padded with NUL. */
export function text(length: Length): Field<string> {
  const fixed = typeof length === 'number';
  return {
    type: typeOf('STRING', length),
    read(reader, siblings) {
      const bytes = reader.take(sizeDue(reader, length, siblings));
      const end = fixed ? bytes.indexOf(NUL) : -1;
      return reader.text.decode(end < 0 ? bytes : bytes.subarray(0, end));
    },
    write(writer, value) {
      const bytes = typeof value === 'string' ? writer.text.encode(value) : undefined;
      if (bytes === undefined) throw writer.error(`text that ${writer.text.name} can write is needed`);
      putLength(writer, bytes, length, NUL);
    },
  };
}

/**
 * How many elements the list of that name has: read, it says how many follow; written, it is counted.
 * @param list a sibling behind
 */
export function countOf(list: string, number: Field<number>): Field<number> {
  return {
    type: number.type,
    read: number.read,
    write(writer, _value, siblings) {
      const elements = siblings[list];
      number.write(writer, Array.isArray(elements) ? elements.length : undefined, siblings);
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
    read: number.read,
    write(writer, _value, siblings) {
      const apart = writer.fork();
      apart.enter(name);
      measured.write(apart, siblings[name], siblings);
      number.write(writer, apart.length, siblings);
    },
  };
}

/** A field that is there only in some editions, or when another field says so. */
export function when<T>(present: Presence, field: Field<T>): Field<T | undefined> {
  return { ...field, present };
}

/** A field that is there since an edition of the standard. @param year of it */
export function since<T>(year: number, field: Field<T>): Field<T | undefined> {
  return when((edition) => edition >= year, field);
}

/** A field that was there before an edition of the standard. @param year of it */
export function before<T>(year: number, field: Field<T>): Field<T | undefined> {
  return when((edition) => edition < year, field);
}
