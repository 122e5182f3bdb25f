import type { ExplainedFault, ExplainedField, ExplainedFrame } from './explanation.js';
import { shownBytes, shownCode, shownText } from './explanation.js';
import { FrameError, isFrameError } from './frame-error.js';

/** What a number means, for people; undefined where it means nothing more. */
export type Meaning = (value: number) => string | undefined;

/**
 * Reads a frame field by field to explain it: each method reads the field that comes next, and notes its name, its place
 * and what it says.
 * @throws FrameError where the bytes end within a field
 */
export class FieldReader {
  readonly bytes: Buffer;
  /** Offset of what is read next. */
  at = 0;
  /** Offset behind what may be read. */
  end: number;
  readonly fields: ExplainedField[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.end - this.at;
  }

  /** Takes so many bytes, whatever they are. @returns their offset */
  take(size: number): number {
    const start = this.at;
    if (size > this.end - start) {
      throw new FrameError('truncated', start, `${size} bytes are due, ${this.end - start} are left`);
    }
    this.at = start + size;
    return start;
  }

  /** An unsigned integer, big-endian. @param size 1 to 4 bytes */
  uint(name: string, size: number, meaning?: Meaning): number {
    const value = this.bytes.readUIntBE(this.take(size), size);
    this.note(name, size, shownCode(value, meaning?.(value)));
    return value;
  }

  /** An unsigned integer, big-endian, with a unit. */
  quantity(name: string, size: number, unit: string): number {
    const value = this.bytes.readUIntBE(this.take(size), size);
    this.note(name, size, `${value} ${unit}`);
    return value;
  }

  /** UTF-8 text of so many bytes. */
  text(name: string, size: number): string {
    const start = this.take(size);
    const text = this.bytes.toString('utf8', start, this.at);
    this.note(name, size, shownText(text));
    return text;
  }

  /** Bytes whose meaning the protocol does not know. */
  data(name: string, size = this.left): Buffer {
    const start = this.take(size);
    const value = this.bytes.subarray(start, this.at);
    this.note(name, size, shownBytes(value));
    return value;
  }

  /** Bytes that only their owner may see. */
  secret(name: string, size: number): void {
    const start = this.take(size);
    const value = shownBytes(this.bytes.subarray(start, this.at));
    this.fields.push({ name, start, end: this.at, value, secret: true });
  }

  /** Notes what the last bytes that were read say. @param size how many they are */
  note(name: string, size: number, value: string): void {
    this.fields.push({ name, start: this.at - size, end: this.at, value });
  }
}

/** A frame, or what is none, before its fields are known. */
export interface Unexplained {
  readonly title: string;
  readonly offset: number;
  readonly bytes: Buffer;
  /** What the codec says of it. */
  readonly faults: readonly ExplainedFault[];
  /** Whether what cannot be read may hold a password or the like. */
  readonly secretRest?: boolean;
}

/**
 * Explains one frame as far as it can be read.
 * @param read reads its fields
 */
export function explained(what: Unexplained, read: (reader: FieldReader) => void): ExplainedFrame {
  const { title, offset, bytes } = what;
  const reader = new FieldReader(bytes);
  const faults = [...what.faults];
  try {
    read(reader);
  } catch (error) {
    if (!isFrameError(error)) throw error;
    if (faults.length === 0) faults.push({ offset: error.offset, reason: error.message });
  }
  reader.end = bytes.length;
  if (reader.left > 0) {
    if (what.secretRest) reader.secret('(unread)', reader.left);
    else reader.data('(unread)');
  }
  return { title, offset, bytes, fields: reader.fields, faults };
}

/** What a decoder of datagrams says against one. */
export function faultsOf(decode: (datagram: Buffer) => unknown, datagram: Buffer): ExplainedFault[] {
  try {
    decode(datagram);
    return [];
  } catch (error) {
    if (!isFrameError(error)) throw error;
    return [{ offset: error.offset, reason: error.message }];
  }
}
