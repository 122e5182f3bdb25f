import { FrameError, shownSize } from '@portico/frame';
import { hexOf } from './hex.js';
import { ASCII, type TextCodec } from './text-codec.js';

/** What a reader may say of bytes that do not fit their record. */
export type RecordErrorCode =
  /** They end before the record does. */
  | 'truncated'
  /** A part is longer or shorter than its description. */
  | 'wrong_length'
  /** A value that there must not be. */
  | 'wrong_value';

/** A part of a record that could not be read; the rest was. */
export interface RecordFault {
  /** Where: `extra.mileage`. */
  readonly path: string;
  readonly code: RecordErrorCode;
  /** Bytes from the start of the record. */
  readonly offset: number;
  readonly reason: string;
}

/** Where a field stood, for those who show bytes beside what they mean. */
export interface FieldSpan {
  readonly path: string;
  readonly type: string;
  /** Bytes from the start of the record. */
  readonly start: number;
  readonly end: number;
}

/** What is known of a record's peer before it is read. */
export interface ReadOptions {
  /** Edition of the standard that the peer speaks, as the year: fields may be there in some only. */
  readonly edition: number;
  /** How text stands there; ASCII unless given. */
  readonly text?: TextCodec;
  /** Gets the place of every field. */
  readonly spans?: FieldSpan[];
}

const NO_FAULTS: readonly RecordFault[] = Object.freeze([]);

/** Reads integers, big-endian, and bytes one after the other. Never reads beyond its end. */
export class RecordReader {
  readonly bytes: Buffer;
  /** Offset of what is read next. */
  at: number;
  /** Offset behind what may be read. */
  end: number;
  readonly edition: number;
  readonly text: TextCodec;
  #faults: RecordFault[] | undefined;
  readonly spans: FieldSpan[] | undefined;
  /** The compound field that is being read, from the outermost on. */
  readonly #path: string[] = [];

  constructor(bytes: Buffer, options: ReadOptions) {
    this.bytes = bytes;
    this.at = 0;
    this.end = bytes.length;
    this.edition = options.edition;
    this.text = options.text ?? ASCII;
    this.spans = options.spans;
  }

  /** What could not be read and was passed over. */
  get faults(): readonly RecordFault[] {
    return this.#faults ?? NO_FAULTS;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    const at = this.#advance(1);
    return this.bytes[at] as number;
  }

  u16(): number {
    const at = this.#advance(2);
    const { bytes } = this;
    return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  }

  u32(): number {
    const at = this.#advance(4);
    const { bytes } = this;
    const low =
      ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    return (bytes[at] as number) * 0x1000000 + low;
  }

  /** A view. */
  take(length: number): Buffer {
    const at = this.#advance(length);
    return this.bytes.subarray(at, at + length);
  }

  #advance(length: number): number {
    const { at } = this;
    if (at + length > this.end) {
      throw this.error('truncated', `${length} bytes are due, ${this.end - at} are left`);
    }
    this.at = at + length;
    return at;
  }

  /** So many bytes in hexadecimal. */
  hex(size: number): string {
    const at = this.#advance(size);
    return hexOf(this.bytes, at, size);
  }

  /** So many bytes in base64. */
  base64(size: number): string {
    const at = this.#advance(size);
    return this.bytes.toString('base64', at, at + size);
  }

  error(code: RecordErrorCode, reason: string): RecordFrameError {
    return new RecordFrameError(code, this.at, reason);
  }

  /** Lets no more than so many bytes be read from now on. @returns what {@link widen} needs to end that */
  narrow(size: number): number {
    const { at, end } = this;
    if (size > end - at) throw this.error('truncated', `${size} bytes are due, ${end - at} are left`);
    this.end = at + size;
    return end;
  }

  /** Ends {@link narrow}: goes on at the end of these bytes, however much of them was read. @param at their end */
  widen(end: number, at: number): void {
    this.at = at;
    this.end = end;
  }

  /** @throws RecordFrameError when there are bytes left */
  expectEnd(): void {
    if (this.at < this.end) throw this.error('wrong_length', `${shownSize(this.end - this.at)} too many`);
  }

  /** What is read from now on belongs to the compound field or the element of that name. */
  enter(name: string): void {
    this.#path.push(name);
  }

  leave(): void {
    this.#path.pop();
  }

  /** How many names deep it is. */
  get depth(): number {
    return this.#path.length;
  }

  /** Notes where the field stood that has just been read. @param name missing for the one that has been entered */
  span(type: string, start: number, name?: string): void {
    const path = (name === undefined ? this.#path : [...this.#path, name]).join('.');
    this.spans?.push({ path, type, start, end: this.at });
  }

  /**
   * Notes what could not be read, to go on behind it.
   * @param depth at which to go on
   * @param isNone whether it is no fault
   */
  passOver(error: unknown, depth: number, isNone = false): void {
    if (!(error instanceof RecordFrameError)) throw error;
    if (!isNone) this.#note(error);
    this.#path.length = depth;
  }

  #note(error: RecordFrameError): void {
    const { offset, code, message: reason, field } = error;
    const path = [...this.#path, ...(field === undefined ? [] : [field])].join('.');
    this.#faults ??= [];
    this.#faults.push({ path, code, offset, reason });
  }
}

/** Bytes that do not fit their record. */
export class RecordFrameError extends FrameError<RecordErrorCode> {
  /** The field that they were to be, as far as that is known. */
  field: string | undefined;
  /** What was read of the compound field before it, where that is something. */
  partial: object | undefined;
}
