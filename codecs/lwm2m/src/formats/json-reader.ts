import { isUtf8 } from 'node:buffer';
import { type PayloadErrorCode, payloadError } from '../node.js';
import { exactInteger, isWide } from '../value.js';

/** What JSON holds: integers exactly, objects as maps. */
export type JsonValue = string | number | bigint | boolean | null | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** Bounds against hostile input. */
interface JsonLimits {
  /** Arrays and objects within each other. */
  readonly maxDepth: number;
  /** Values altogether. */
  readonly maxValues: number;
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const INTEGER = /^-?\d{1,20}$/;
/** Integers of so many characters are exact as numbers. */
const MAX_SAFE_LENGTH = 15;
/** A string up to its closing quotation mark; whether its escapes are sound is seen when it is read. */
const STRING = /"(?:[^"\\]|\\.)*"/y;
const LITERALS: readonly (readonly [text: string, value: JsonValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/**
 * Reads JSON (RFC 8259) with every integer of 64 bits exact, which `JSON.parse` rounds beyond 2^53.
 * @throws FrameError when it is none, has a key twice in an object, a number beyond what a float holds, or is
 *   beyond the limits; its offset counts characters
 */
export function readJson(bytes: Buffer, limits: JsonLimits): JsonValue {
  if (!isUtf8(bytes)) throw payloadError('malformed', 'text that is not UTF-8');
  return new JsonReader(bytes.toString('utf8'), limits).read();
}

class JsonReader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  #at = 0;
  #values = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  read(): JsonValue {
    const value = this.#value(0);
    if (this.#at < this.#text.length) throw this.#error('something behind the value');
    return value;
  }

  /** A value with the white space around it. @param depth of what it stands in */
  #value(depth: number): JsonValue {
    if (++this.#values > this.#limits.maxValues) throw this.#error('too many values', 'too_many');
    this.#match(SPACE);
    const value = this.#bareValue(depth);
    this.#match(SPACE);
    return value;
  }

  #bareValue(depth: number): JsonValue {
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case '{':
        return this.#object(this.#deeper(depth));
      case '[':
        return this.#array(this.#deeper(depth));
      case 't':
      case 'f':
      case 'n':
        return this.#literal();
      default:
        return this.#number();
    }
  }

  #deeper(depth: number): number {
    if (depth === this.#limits.maxDepth) throw this.#error('nested too deeply');
    this.#at++;
    return depth + 1;
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>();
    this.#match(SPACE);
    if (this.#skip('}')) return members;
    do {
      this.#match(SPACE);
      const name = this.#string();
      if (members.has(name)) throw this.#error('an object with two equal names');
      this.#match(SPACE);
      this.#expect(':');
      members.set(name, this.#value(depth));
    } while (this.#skip(','));
    this.#expect('}');
    return members;
  }

  #array(depth: number): JsonArray {
    const items: JsonValue[] = [];
    this.#match(SPACE);
    if (this.#skip(']')) return items;
    do items.push(this.#value(depth));
    while (this.#skip(','));
    this.#expect(']');
    return items;
  }

  #string(): string {
    const start = this.#at;
    const quoted = this.#match(STRING);
    if (quoted === undefined) throw this.#error('no string');
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw payloadError('malformed', 'a string with a character that it must not have', start);
    }
  }

  #number(): number | bigint {
    const text = this.#match(NUMBER);
    if (text === undefined) throw this.#error('no value');
    const integer = text.length > MAX_SAFE_LENGTH && INTEGER.test(text) ? BigInt(text) : undefined;
    if (integer !== undefined && isWide(integer)) return exactInteger(integer);
    const value = Number(text);
    if (!Number.isFinite(value)) throw this.#error('a number that is too large');
    return value;
  }

  #literal(): JsonValue {
    for (const [text, value] of LITERALS) {
      if (!this.#text.startsWith(text, this.#at)) continue;
      this.#at += text.length;
      return value;
    }
    throw this.#error('no value');
  }

  /** Whether a character comes; if so, it is read. */
  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw this.#error(`no ${character}`);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #error(reason: string, code: PayloadErrorCode = 'malformed'): Error {
    return payloadError(code, reason, this.#at);
  }
}
