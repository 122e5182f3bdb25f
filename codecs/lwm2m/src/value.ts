import type { ResourceType } from './model/types.js';

/** An object instance that a resource points to (Objlnk); 65535:65535 points to none. */
export interface ObjectLink {
  /** 0..65535 */
  readonly object: number;
  /** 0..65535 */
  readonly instance: number;
}

/**
 * A value of a resource, LwM2M 1.1.1 Core appendix C: Integer, Unsigned and Time (seconds since 1970) are numbers,
 * bigints beyond what a number holds exactly; Float is a number, Opaque a Buffer, Corelnk a string in link format.
 */
export type Lwm2mValue = string | number | bigint | boolean | Buffer | ObjectLink;

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;
const MAX_UNSIGNED = 2n ** 64n - 1n;
/** The widest integers of any payload, those of CBOR, where no type bounds them. */
const MIN_WIDE = -(2n ** 64n);
const MAX_LINKED_ID = 0xffff;

const INTEGER_TEXT = /^[+-]?\d{1,20}$/;
const FLOAT_TEXT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const LINK_TEXT = /^(\d{1,5}):(\d{1,5})$/;
/** Of either alphabet, RFC 4648 §4 and §5. */
const BASE64_TEXT = /^[A-Za-z0-9+/_-]*={0,2}$/;
const BOOLEAN_TEXTS: ReadonlyMap<string, boolean> = new Map([
  ['0', false],
  ['1', true],
  ['false', false],
  ['true', true],
]);

/** Whether a value is an {@link ObjectLink}. */
export function isObjectLink(value: unknown): value is ObjectLink {
  return (
    typeof value === 'object' &&
    value !== null &&
    'object' in value &&
    'instance' in value &&
    isLinkedId(value.object) &&
    isLinkedId(value.instance)
  );
}

function isLinkedId(id: unknown): boolean {
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= MAX_LINKED_ID;
}

/**
 * What a value is as one of a type: within the type's range, integers in the smaller of their two forms.
 * @returns undefined when it is none of that type; any value is one of type `none`
 */
export function fitValue(type: ResourceType, value: unknown): Lwm2mValue | undefined {
  switch (type) {
    case 'string':
    case 'corelnk':
      return typeof value === 'string' ? value : undefined;
    case 'integer':
    case 'time':
      return fitInteger(value, MIN_INTEGER, MAX_INTEGER);
    case 'unsigned':
      return fitInteger(value, 0n, MAX_UNSIGNED);
    case 'float':
      return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'opaque':
      return Buffer.isBuffer(value) ? value : undefined;
    case 'objlnk':
      return isObjectLink(value) ? value : undefined;
    case 'none':
      return isLwm2mValue(value) ? value : undefined;
  }
}

/** Whether a payload can hold an integer: one of 64 bits, or the negative of one. */
export function isWide(value: bigint): boolean {
  return value >= MIN_WIDE && value <= MAX_UNSIGNED;
}

function fitInteger(value: unknown, min: bigint, max: bigint): number | bigint | undefined {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < min || value > max) return undefined;
    // Minus zero is an integer, too.
    return Number.isSafeInteger(value) ? value + 0 : BigInt(value);
  }
  if (typeof value !== 'bigint' || value < min || value > max) return undefined;
  return exactInteger(value);
}

/** A number where it holds the integer exactly. */
export function exactInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function isLwm2mValue(value: unknown): value is Lwm2mValue {
  return (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'bigint' && isWide(value)) ||
    Buffer.isBuffer(value) ||
    isObjectLink(value)
  );
}

/** The type that carries a value of which no definition tells the type. */
export function typeOfValue(value: Lwm2mValue): ResourceType {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'bigint':
      if (value >= MIN_INTEGER && value <= MAX_INTEGER) return 'integer';
      return value > MAX_INTEGER && value <= MAX_UNSIGNED ? 'unsigned' : 'float';
    case 'number':
      return Number.isSafeInteger(value) ? 'integer' : 'float';
    default:
      return Buffer.isBuffer(value) ? 'opaque' : 'objlnk';
  }
}

/**
 * Reads the text form of a value (LwM2M 1.1.1 Core appendix C): decimal numbers, `1` and `0` for Boolean (`true` and
 * `false` are understood, too), Opaque in Base64, `object:instance` for Objlnk.
 * @returns undefined when the text is no value of the type; of type `none` it is the text
 */
export function parseValue(type: ResourceType, text: string): Lwm2mValue | undefined {
  switch (type) {
    case 'integer':
    case 'time':
    case 'unsigned':
      return INTEGER_TEXT.test(text) ? fitValue(type, BigInt(text.replace('+', ''))) : undefined;
    case 'float':
      return FLOAT_TEXT.test(text) ? Number(text) : undefined;
    case 'boolean':
      return BOOLEAN_TEXTS.get(text);
    case 'opaque':
      return parseBase64(text);
    case 'objlnk':
      return parseObjectLink(text);
    default:
      return text;
  }
}

/**
 * Reads Base64 of either alphabet, with padding or without (RFC 4648 §4 and §5).
 * @returns undefined when the text is something else
 */
export function parseBase64(text: string): Buffer | undefined {
  const bytes = BASE64_TEXT.test(text) ? Buffer.from(text, 'base64') : undefined;
  // One character alone in its group of four holds no byte.
  return bytes !== undefined && text.replace(/=+$/, '').length % 4 !== 1 ? bytes : undefined;
}

/**
 * Reads `object:instance`, and `FFFF:FFFF`, with which examples of the specification (LwM2M 1.0.2 §6.4.4, 1.1 Core
 * table 7.4.4.-4) point to none.
 * @returns undefined when the text is something else
 */
export function parseObjectLink(text: string): ObjectLink | undefined {
  if (text === 'FFFF:FFFF') return { object: MAX_LINKED_ID, instance: MAX_LINKED_ID };
  const match = LINK_TEXT.exec(text);
  if (match === null) return undefined;
  const link = { object: Number(match[1]), instance: Number(match[2]) };
  return isObjectLink(link) ? link : undefined;
}

/** The text form of a value, which {@link parseValue} reads. */
export function formatValue(value: Lwm2mValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value !== 'object') return String(value);
  return Buffer.isBuffer(value) ? value.toString('base64') : `${value.object}:${value.instance}`;
}

/**
 * A value as commands have it in JSON: numbers, Booleans and strings as such, where a string may also hold the text
 * form of a value of another type.
 * @returns undefined when it is no value of the type
 */
export function valueFromJson(type: ResourceType, json: unknown): Lwm2mValue | undefined {
  return typeof json === 'string' ? parseValue(type, json) : fitValue(type, json);
}

/**
 * A value as answers have it in JSON: Opaque in Base64, Objlnk as `object:instance`, and what no JSON number holds
 * exactly (integers beyond 2^53, floats that are not finite) as a string.
 */
export function valueToJson(value: Lwm2mValue): string | number | boolean {
  if (typeof value === 'boolean') return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : formatValue(value);
}

/** Most characters and bytes of a value that {@link describeValue} shows. */
const MOST_SHOWN = 32;

/** A value in one short line for people: `"Europe/Berlin"`, `42`, `true`, `3:0`, `0102ff (3 bytes)`. */
export function describeValue(value: Lwm2mValue): string {
  if (typeof value === 'string') return JSON.stringify(cut(value, value.slice(0, MOST_SHOWN)));
  if (typeof value === 'boolean' || !Buffer.isBuffer(value)) {
    return typeof value === 'boolean' ? String(value) : formatValue(value);
  }
  const hex = value.subarray(0, MOST_SHOWN).toString('hex');
  return `${value.length > MOST_SHOWN ? `${hex}…` : hex} (${value.length} bytes)`;
}

function cut(whole: string, shown: string): string {
  return whole.length > shown.length ? `${shown.toWellFormed()}…` : whole;
}
