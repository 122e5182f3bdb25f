import { randomBytes } from 'node:crypto';

/** Data as commands and answers have it: integers of any size, and floats that show that they are. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonFloat
  | readonly JsonValue[]
  | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** A number that is written with its fraction even when that is 0: `8495.0`. */
export class JsonFloat {
  constructor(readonly value: number) {}
}

/** Deeper data is refused: nobody needs it, and whoever walks through it may do so recursively. */
const MAX_DEPTH = 16;

/** Before the digits of an integer that a number cannot hold; nobody outside can guess it. */
const BIG = randomBytes(16).toString('hex');
/** A string, or a number. To be used on valid JSON alone, where it takes time in proportion to the text. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const LONG_INTEGER = /^-?\d{16,}$/;
/** Longer integers are refused: no type has them, and to read them takes time with the square of their length. */
const MAX_DIGITS = 64;

/**
 * As `JSON.parse`, but integers beyond 2^53 are `bigint`.
 * @throws SyntaxError for text that is not JSON, too deep, or has an integer of too many digits
 */
export function parseJson(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text);
  if (depthOf(value, 0) > MAX_DEPTH) throw new SyntaxError(`deeper than ${MAX_DEPTH} levels`);
  if (!/\d{16}/.test(text)) return value;
  return JSON.parse(text.replace(TOKEN, markBig), (_key, part) => unmarked(part));
}

function depthOf(value: JsonValue | undefined, above: number): number {
  if (above > MAX_DEPTH || typeof value !== 'object' || value === null) return above;
  let deepest = above + 1;
  for (const part of Object.values(value)) deepest = Math.max(deepest, depthOf(part, above + 1));
  return deepest;
}

function markBig(token: string): string {
  if (!LONG_INTEGER.test(token) || Number.isSafeInteger(Number(token))) return token;
  if (token.length > MAX_DIGITS) throw new SyntaxError(`a number of more than ${MAX_DIGITS} digits`);
  return `"${BIG}${token}"`;
}

function unmarked(part: unknown): unknown {
  return typeof part === 'string' && part.startsWith(BIG) ? BigInt(part.slice(BIG.length)) : part;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonFloat)
  );
}

/** JSON without spaces. Numbers that are not finite are written as null. */
export function jsonText(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'object':
      return structureText(value);
    default:
      return String(value);
  }
}

/** An object with its members in another order than it has. @param names of its members */
export function jsonObjectText(object: JsonObject, names: readonly string[]): string {
  let text = '';
  for (const name of names) {
    const value = object[name];
    if (value === undefined) continue;
    text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${jsonText(value)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function structureText(value: null | JsonFloat | readonly JsonValue[] | JsonObject): string {
  if (value === null) return 'null';
  if (value instanceof JsonFloat) return floatText(value.value);
  if (isJsonArray(value)) return `[${value.map(jsonText).join(',')}]`;
  return jsonObjectText(value, Object.keys(value));
}

function isJsonArray(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function floatText(value: number): string {
  const text = jsonText(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
