/**
 * One option of a message, RFC 7252 §3.1. The value stays where it was read from, `bytes[start, end)`, until
 * someone asks for it in one of its forms.
 */
export class CoapOption {
  /** 0 to 65,535, see `options.ts`. */
  readonly number: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;

  constructor(number: number, bytes: Buffer, start: number, end: number) {
    this.number = number;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  static of(number: number, value: Buffer): CoapOption {
    return new CoapOption(number, value, 0, value.length);
  }

  /** Length of the value in bytes. */
  get length(): number {
    return this.end - this.start;
  }

  /** The value as bytes, a view. */
  get value(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  /** The value as UTF-8 text; bytes that are not UTF-8 come out as U+FFFD. */
  get text(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }

  /** The value as unsigned integer (RFC 7252 §3.2), no bytes for 0; exact up to 6 bytes. */
  get uint(): number {
    let value = 0;
    for (let at = this.start; at < this.end; at++) value = value * 256 + (this.bytes[at] as number);
    return value;
  }
}
