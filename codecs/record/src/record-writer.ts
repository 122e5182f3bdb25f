import { RecordError } from './record-error.js';
import { ASCII, type TextCodec } from './text-codec.js';

/** What is known of a record's peer before it is written. */
export interface WriteOptions {
  /** Edition of the standard that the peer speaks, as the year. */
  readonly edition: number;
  /** How text stands there; ASCII unless given. */
  readonly text?: TextCodec;
}

const FIRST_SIZE = 256;

/** Writes integers, big-endian, and bytes one after the other. */
export class RecordWriter {
  readonly edition: number;
  readonly text: TextCodec;
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #length = 0;
  readonly #path: string[] = [];

  constructor(options: WriteOptions) {
    this.edition = options.edition;
    this.text = options.text ?? ASCII;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  u32(value: number): void {
    this.#bytes.writeUInt32BE(value, this.#reserve(4));
  }

  put(bytes: Buffer): void {
    const at = this.#reserve(bytes.length);
    bytes.copy(this.#bytes, at);
  }

  /** Bytes in hexadecimal, two digits each. */
  hex(digits: string): void {
    const size = digits.length / 2;
    const at = this.#reserve(size);
    this.#bytes.write(digits, at, size, 'hex');
  }

  /** So many times the same byte. */
  fill(byte: number, count: number): void {
    const at = this.#reserve(count);
    this.#bytes.fill(byte, at, at + count);
  }

  /** Makes room for a number that is known only later; see {@link patch}. @returns its place */
  skip(size: number): number {
    return this.#reserve(size);
  }

  /** Writes a number of so many bytes into a place that was left for it. */
  patch(at: number, size: number, value: number): void {
    this.#bytes.writeUIntBE(value, at, size);
  }

  /** A writer for the same peer that begins anew, to measure something. */
  fork(): RecordWriter {
    const fork = new RecordWriter(this);
    fork.#path.push(...this.#path.slice(0, -1));
    return fork;
  }

  /** What was written; the writer is of no further use. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What is written from now on belongs to the field or element of that name. */
  enter(name: string): void {
    this.#path.push(name);
  }

  leave(): void {
    this.#path.pop();
  }

  /** @param allowed what the value must be */
  error(allowed: string): RecordError {
    return new RecordError(this.#path.join('.'), allowed);
  }

  #reserve(size: number): number {
    const at = this.#length;
    this.#length = at + size;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = Buffer.allocUnsafe(this.#length * 2);
    this.#bytes.copy(grown);
    this.#bytes = grown;
  }
}
