import { isUtf8 } from 'node:buffer';
import { FrameError } from '@portico/frame';
import { fromHalf } from './half-float.js';
import { BREAK, Info, Major, SimpleNumber } from './major-types.js';
import { CborSimple, CborTag, type CborValue } from './value.js';

/** What can be wrong with bytes that are to be one data item. */
export type CborErrorCode =
  | 'truncated'
  /** More bytes than the item. */
  | 'trailing'
  /** An additional information, simple value or chunk that RFC 8949 does not allow. */
  | 'malformed'
  /** Nested more deeply than {@link CborLimits.maxDepth}. */
  | 'too_deep'
  /** More than {@link CborLimits.maxItems}. */
  | 'too_many'
  /** A text string that is not UTF-8. */
  | 'not_utf8'
  /** A map with two equal keys, RFC 8949 §5.6. */
  | 'duplicate_key';

/** Bounds against hostile input. */
export interface CborLimits {
  /** Arrays, maps and tags within each other. */
  readonly maxDepth: number;
  /** Data items altogether, chunks of strings of indefinite length among them. */
  readonly maxItems: number;
}

const DEFAULT_LIMITS: CborLimits = { maxDepth: 16, maxItems: 10_000 };

/**
 * Reads bytes that are exactly one data item, in any well-formed serialization. Byte strings are copies.
 * @throws FrameError with a {@link CborErrorCode} when they are not, or when it is invalid (RFC 8949 §5.3)
 */
export function decode(bytes: Buffer, limits: CborLimits = DEFAULT_LIMITS): CborValue {
  const decoder = new Decoder(bytes, limits);
  const value = decoder.item(0);
  decoder.end();
  return value;
}

class Decoder {
  readonly #bytes: Buffer;
  readonly #limits: CborLimits;
  #at = 0;
  #items = 0;

  constructor(bytes: Buffer, limits: CborLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  end(): void {
    if (this.#at < this.#bytes.length) throw this.#error('trailing', 'bytes behind the data item');
  }

  /** @param depth of what it stands in */
  item(depth: number): CborValue {
    if (depth > this.#limits.maxDepth) throw this.#error('too_deep', 'nested too deeply');
    this.#countItem();
    const initial = this.#byte();
    const major = initial >> 5;
    const info = initial & 0x1f;
    switch (major) {
      case Major.Unsigned:
        return this.#argument(info);
      case Major.Negative:
        return negative(this.#argument(info));
      case Major.Bytes:
        return Buffer.from(this.#string(major, info));
      case Major.Text:
        return this.#text(info);
      case Major.Array:
        return this.#array(info, depth + 1);
      case Major.Map:
        return this.#map(info, depth + 1);
      case Major.Tag:
        return new CborTag(this.#argument(info), this.item(depth + 1));
      default:
        return this.#simple(info);
    }
  }

  #countItem(): void {
    if (++this.#items > this.#limits.maxItems) throw this.#error('too_many', 'too many data items');
  }

  /** RFC 8949 §3: the value of the argument that additional information announces. */
  #argument(info: number): number | bigint {
    if (info < Info.One) return info;
    switch (info) {
      case Info.One:
        return this.#take(1).readUInt8();
      case Info.Two:
        return this.#take(2).readUInt16BE();
      case Info.Four:
        return this.#take(4).readUInt32BE();
      case Info.Eight:
        return exact(this.#take(8).readBigUInt64BE());
      default:
        throw this.#error('malformed', 'additional information without a meaning');
    }
  }

  /** A definite number of elements or bytes, of which each takes up some of the bytes that are left. */
  #count(info: number): number {
    const count = this.#argument(info);
    if (count > this.#bytes.length - this.#at)
      throw this.#error('truncated', 'more is announced than there is');
    return Number(count);
  }

  /** The bytes of a string, borrowed. */
  #string(major: Major, info: number): Buffer {
    if (info !== Info.Indefinite) return this.#take(this.#count(info));
    const chunks: Buffer[] = [];
    while (!this.#broken()) {
      this.#countItem();
      const initial = this.#byte();
      if (initial >> 5 !== major || (initial & 0x1f) === Info.Indefinite) {
        throw this.#error('malformed', 'a chunk of another kind than its string');
      }
      const chunk = this.#take(this.#count(initial & 0x1f));
      if (major === Major.Text) this.#checkText(chunk);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #text(info: number): string {
    const bytes = this.#string(Major.Text, info);
    this.#checkText(bytes);
    return bytes.toString('utf8');
  }

  #checkText(bytes: Buffer): void {
    if (!isUtf8(bytes)) throw this.#error('not_utf8', 'text that is not UTF-8');
  }

  #array(info: number, depth: number): CborValue[] {
    const items: CborValue[] = [];
    const more = this.#elements(info);
    while (more()) items.push(this.item(depth));
    return items;
  }

  #map(info: number, depth: number): Map<CborValue, CborValue> {
    const map = new Map<CborValue, CborValue>();
    const more = this.#elements(info);
    while (more()) {
      const key = this.item(depth);
      if (map.has(key)) throw this.#error('duplicate_key', 'a map with two equal keys');
      map.set(key, this.item(depth));
    }
    return map;
  }

  /** @returns whether there is another element, each time that it is called */
  #elements(info: number): () => boolean {
    if (info === Info.Indefinite) return () => !this.#broken();
    let left = this.#count(info);
    return () => left-- > 0;
  }

  #simple(info: number): CborValue {
    switch (info) {
      case SimpleNumber.False:
        return false;
      case SimpleNumber.True:
        return true;
      case SimpleNumber.Null:
        return null;
      case SimpleNumber.Undefined:
        return undefined;
      case Info.Two:
        return fromHalf(this.#take(2).readUInt16BE());
      case Info.Four:
        return this.#take(4).readFloatBE();
      case Info.Eight:
        return this.#take(8).readDoubleBE();
      default:
        return this.#unassigned(info);
    }
  }

  #unassigned(info: number): CborSimple {
    if (info < SimpleNumber.False) return new CborSimple(info);
    const value = info === Info.One ? this.#byte() : 0;
    if (value < 32) throw this.#error('malformed', 'no simple value');
    return new CborSimple(value);
  }

  /** Whether an item of indefinite length is over; if so, its end is read. */
  #broken(): boolean {
    if (this.#bytes[this.#at] !== BREAK) return false;
    this.#at++;
    return true;
  }

  #byte(): number {
    return this.#take(1).readUInt8();
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw this.#error('truncated', 'the data item is cut off');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  #error(code: CborErrorCode, reason: string): FrameError<CborErrorCode> {
    return new FrameError(code, this.#at, reason);
  }
}

function exact(value: bigint): number | bigint {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function negative(argument: number | bigint): number | bigint {
  if (typeof argument === 'bigint') return -1n - argument;
  return argument === Number.MAX_SAFE_INTEGER ? -1n - BigInt(argument) : -1 - argument;
}
