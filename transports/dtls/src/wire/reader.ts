import { FrameError } from '@portico/frame';
import type { AlertName } from '../alerts.js';

/**
 * Reads bytes in order and never past the end. Parts are views of the bytes, not copies. The code of its errors is the
 * alert with which the peer is told of its fault (RFC 5246 §7.2.2).
 */
export class Reader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Bytes left. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** An unsigned integer of 1 to 6 bytes. @throws FrameError `decode_error` when there are fewer */
  uint(size: number): number {
    this.#need(size);
    const value = this.#bytes.readUIntBE(this.#at, size);
    this.#at += size;
    return value;
  }

  /** @throws FrameError `decode_error` when there are fewer */
  bytes(length: number): Buffer {
    this.#need(length);
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  /** A reader of the next `length` bytes, which this one passes over. */
  part(length: number): Reader {
    this.#need(length);
    const part = new Reader(this.#bytes, this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  /** @throws FrameError with the alert that the peer is to get */
  refuse(alert: AlertName, reason: string): never {
    throw new FrameError<AlertName>(alert, this.#at, reason);
  }

  #need(length: number): void {
    if (length > this.left)
      this.refuse('decode_error', `${length} bytes are due where ${this.left} are left`);
  }
}
