import type { Siblings } from './field.js';
import { putHex } from './hex.js';
import { RecordError } from './record-error.js';
import type { Run } from './run.js';
import { ASCII, type TextCodec } from './text-codec.js';

/** What is known of a record's peer before it is written. */
export interface WriteOptions {
  /** Edition of the standard that the peer speaks, as the year. */
  readonly edition: number;
  /** How text stands there; ASCII unless given. */
  readonly text?: TextCodec;
}

/** What was written; borrowed, until the next record begins. */
export interface Written {
  /** Begins with it; what stands behind it means nothing. */
  readonly bytes: Buffer;
  /** How many bytes were written. */
  readonly length: number;
  /** Only these. */
  readonly written: Buffer;
}

const FIRST_SIZE = 1024;
/** A buffer that has grown beyond this is not kept for the next record. */
const MAX_KEPT = 65_536;

const EQUALS = '='.charCodeAt(0);

/** How many bytes a text in base64 stands for, if it is that. */
function sizeOfBase64(base64Text: string): number {
  let digits = base64Text.length;
  while (digits > 0 && base64Text.length - digits < 2 && base64Text.charCodeAt(digits - 1) === EQUALS)
    digits--;
  return Math.floor((digits * 3) / 4);
}

/** Writes integers, big-endian, and bytes one after the other. Can be used over and over. */
export class RecordWriter implements Written {
  edition = 0;
  text: TextCodec = ASCII;
  /** The field within the compound one that is being written; undefined when it is that itself. */
  field: string | undefined;
  #bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
  #length = 0;
  /** The compound field that is being written, from the outermost on. */
  readonly #path: string[] = [];

  /** Begins a record. @param name of the whole, with which the paths of errors begin: `body` */
  begin(options: WriteOptions, name: string): void {
    this.edition = options.edition;
    this.text = options.text ?? ASCII;
    this.field = undefined;
    this.#length = 0;
    if (this.#path.length !== 1 || this.#path[0] !== name) this.#path.splice(0, this.#path.length, name);
    if (this.#bytes.length > MAX_KEPT) this.#bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
  }

  /** See {@link Written.bytes}. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** How many bytes were written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    const bytes = this.#bytes;
    bytes[at] = value >>> 8;
    bytes[at + 1] = value;
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  /** Writes an item that is an integer: its id and its size, a byte each, and the integer. */
  item(id: number, size: 1 | 2 | 4, value: number): void {
    let at = this.#reserve(2 + size);
    const bytes = this.#bytes;
    bytes[at++] = id;
    bytes[at++] = size;
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes[at++] = value >>> shift;
  }

  put(bytes: Buffer): void {
    const at = this.#reserve(bytes.length);
    bytes.copy(this.#bytes, at);
  }

  /** Bytes in hexadecimal. @returns false when these are no hexadecimal digits, two for each byte */
  hex(digits: string, size: number): boolean {
    const at = this.#reserve(size);
    return putHex(this.#bytes, at, digits, size);
  }

  /** Bytes in base64. @returns how many; undefined when the text is no base64 */
  base64(base64Text: string): number | undefined {
    const size = sizeOfBase64(base64Text);
    const at = this.#reserve(size);
    if (size > 0 && this.#bytes.write(base64Text, at, size, 'base64') !== size) return undefined;
    return size;
  }

  /** Writes a run. @returns false when its values cannot be written so; nothing is written then */
  tryRun(run: Run, value: Siblings): boolean {
    const at = this.#reserve(run.size);
    if (run.write(value, this.#bytes, at)) return true;
    this.#length = at;
    return false;
  }

  /** So many times the same byte. */
  fill(byte: number, count: number): void {
    const at = this.#reserve(count);
    this.#bytes.fill(byte, at, at + count);
  }

  /** Makes room for a number that is known only later; see {@link patch}. @returns its place */
  leaveRoom(size: number): number {
    return this.#reserve(size);
  }

  /** Writes a number of so many bytes into a place that was left for it. */
  patch(at: number, size: number, value: number): void {
    if (size === 1) this.#bytes[at] = value;
    else this.#bytes.writeUIntBE(value, at, size);
  }

  /**
   * Writes how many bytes were written behind a place that was left for that.
   * @throws RecordError when they are too many for it
   */
  patchSize(at: number, size: number): void {
    const written = this.#length - at - size;
    if (written > 0xff && written >= 256 ** size) throw this.error(`${written} bytes are too many`);
    this.patch(at, size, written);
  }

  /** A writer for the same peer that begins anew, to measure something. */
  fork(): RecordWriter {
    const fork = new RecordWriter();
    fork.begin(this, '');
    fork.#path.length = 0;
    fork.#path.push(...this.#path);
    return fork;
  }

  /** See {@link Written.written}. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What is written from now on belongs to the compound field, or the element, of that name. */
  enter(name: string): void {
    this.#path.push(name);
    this.field = undefined;
  }

  leave(): void {
    this.#path.pop();
    this.field = undefined;
  }

  /** @param allowed what the value must be */
  error(allowed: string): RecordError {
    const path = this.field === undefined ? this.#path : [...this.#path, this.field];
    return new RecordError(path.join('.'), allowed);
  }

  #reserve(size: number): number {
    const at = this.#length;
    this.#length = at + size;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = Buffer.allocUnsafeSlow(this.#length * 2);
    this.#bytes.copy(grown);
    this.#bytes = grown;
  }
}
