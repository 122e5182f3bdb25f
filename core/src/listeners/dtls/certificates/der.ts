/**
 * A reader of DER (ITU-T X.690), for what of certificates and revocation lists `node:crypto` does not tell. It knows
 * what X.509 needs: tags of one byte and definite lengths.
 */

/** Tags of X.690 §8 that X.509 uses. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** The tag of an explicitly tagged element, `[number]`. */
export function explicit(number: number): number {
  return 0xa0 | number;
}

/** Longest length field after its first byte: elements of up to 4 GiB. */
const MAX_LENGTH_BYTES = 4;

/** What is read is not the DER that was expected. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** One element; its buffers are parts of what is read. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag and length included. */
  readonly whole: Buffer;
}

/** Reads the elements of one level, one after the other. */
export class DerReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Whether everything has been read. */
  get done(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** @throws DerError when there is no complete element */
  next(): DerElement {
    const start = this.#offset;
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of more than one byte');
    const length = this.#length();
    const from = this.#offset;
    if (length > this.#bytes.length - from) throw new DerError('an element goes beyond the end');
    this.#offset = from + length;
    return {
      tag,
      content: this.#bytes.subarray(from, this.#offset),
      whole: this.#bytes.subarray(start, this.#offset),
    };
  }

  /** The next element, which must have this tag. @throws DerError */
  take(tag: number): DerElement {
    const element = this.next();
    if (element.tag === tag) return element;
    throw new DerError(`a tag of 0x${element.tag.toString(16)} in place of 0x${tag.toString(16)}`);
  }

  /** The next element if it has one of these tags; else nothing is read. @throws DerError */
  optional(...tags: readonly number[]): DerElement | undefined {
    const tag = this.#bytes[this.#offset];
    return tag !== undefined && tags.includes(tag) ? this.next() : undefined;
  }

  /** A reader of what is in the next element, which must have this tag. @throws DerError */
  enter(tag: number): DerReader {
    return new DerReader(this.take(tag).content);
  }

  /** @throws DerError when there is more */
  end(): void {
    if (!this.done) throw new DerError('something stands behind the last element');
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset++];
    if (byte === undefined) throw new DerError('an element is cut off');
    return byte;
  }

  /** X.690 §10.1: definite, in as few bytes as possible. */
  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES)
      throw new DerError('a length of a form that DER does not have');
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError('a length with leading zeros');
    return length;
  }
}

/** A reader of the elements in the one sequence that `bytes` are. @throws DerError */
export function sequenceOf(bytes: Buffer): DerReader {
  const outer = new DerReader(bytes);
  const inner = outer.enter(Tag.sequence);
  outer.end();
  return inner;
}

/** An object identifier in dotted form, X.690 §8.19. @throws DerError */
export function objectIdentifier({ content }: DerElement): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw new DerError('an object identifier with a huge number');
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first] = arcs;
  if (first === undefined || (content.at(-1) ?? 0) & 0x80)
    throw new DerError('an object identifier is cut off');
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...arcs.slice(1)].join('.');
}

/** An INTEGER that is not negative and no greater than 2^31 - 1. @throws DerError */
export function smallInteger({ content }: DerElement): number {
  if (content.length === 0 || content.length > 4 || (content[0] ?? 0) & 0x80) {
    throw new DerError('a number out of range');
  }
  return content.readUIntBE(0, content.length);
}

/** A BOOLEAN, X.690 §11.1. @throws DerError */
export function boolean({ content }: DerElement): boolean {
  if (content.length !== 1) throw new DerError('a BOOLEAN that is not one byte');
  return content[0] !== 0;
}

/** `YYMMDDHHMMSSZ`, or `YYYYMMDDHHMMSSZ` as a GeneralizedTime. */
const TIME = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

/** A UTCTime or GeneralizedTime, as RFC 5280 §4.1.2.5 has them: milliseconds since 1970. @throws DerError */
export function time({ tag, content }: DerElement): number {
  const [, year = '', ...rest] = TIME.exec(content.toString('latin1')) ?? [];
  const yearDigits = tag === Tag.utcTime ? 2 : 4;
  if (year.length !== yearDigits) throw new DerError('a time that is none');
  const [month = 0, day, hour, minute, second] = rest.map(Number);
  const number = Number(year);
  const century = yearDigits === 4 ? 0 : number < 50 ? 2000 : 1900;
  return Date.UTC(century + number, month - 1, day, hour, minute, second);
}
