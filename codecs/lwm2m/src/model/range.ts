import type { ResourceDefinition, ResourceType } from './types.js';

/** Both ends belong to it. */
export interface Interval {
  readonly min: number | bigint;
  readonly max: number | bigint;
}

/** What the range of a resource allows. */
export interface ValueRange {
  /** Whether the value itself is bounded, or its length in bytes. */
  readonly of: 'value' | 'length';
  /** It must lie in one of them. */
  readonly intervals: readonly Interval[];
}

const BOUNDED: Readonly<Partial<Record<ResourceType, ValueRange['of']>>> = {
  integer: 'value',
  unsigned: 'value',
  float: 'value',
  time: 'value',
  string: 'length',
  opaque: 'length',
};

const NUMBER = '[-+]?\\d+(?:\\.\\d+)?';
/** `0..100`, `1...15`, `-128 to 127`, `0-50`. */
const INTERVAL = new RegExp(`^(${NUMBER})\\s*(?:\\.{2,}|-|to)\\s*(${NUMBER})$`);
/** `2`, `2: RECALL`. */
const SINGLE = new RegExp(`^(${NUMBER})(?:\\s*:.*)?$`);
const SEPARATORS = /[\n,;]|\bor\b/;
const BYTES = /\s*bytes$/i;

/**
 * Understands the text of a range where it can. Definitions write it in many ways: `0..100`, `0-50`,
 * `-128 to 127`, `0..255 bytes`, `10,26`, `0; 3.8..20.5`, or a line `1: normal` for each value.
 * @returns undefined for no range, for types that have none, and for all else (`8 bit`, `ON;OFF`, one number
 *   alone, of which nobody knows whether it is the only or the greatest): it is then but a text for people
 */
export function parseRange({
  type,
  range,
}: Pick<ResourceDefinition, 'type' | 'range'>): ValueRange | undefined {
  const of = BOUNDED[type];
  const text = range.trim();
  if (of === undefined || (of === 'value' && BYTES.test(text))) return undefined;
  const parts = text.replace(BYTES, '').split(SEPARATORS);
  const intervals = parts.map((part) => parseInterval(part.trim()));
  if (!intervals.every((interval) => interval !== undefined)) return undefined;
  return parts.length === 1 && !INTERVAL.test(parts[0] ?? '') ? undefined : { of, intervals };
}

/** Whether a value lies in a range; one that has no number or length to compare does not. */
export function isInRange(
  value: number | bigint | string | Uint8Array,
  { of, intervals }: ValueRange,
): boolean {
  const measure = of === 'length' ? lengthOf(value) : value;
  if (typeof measure !== 'number' && typeof measure !== 'bigint') return false;
  return intervals.some(({ min, max }) => measure >= min && measure <= max);
}

function lengthOf(value: number | bigint | string | Uint8Array): number | undefined {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.length : undefined;
}

function parseInterval(text: string): Interval | undefined {
  const [, first, last] = INTERVAL.exec(text) ?? [];
  if (first !== undefined && last !== undefined) return ordered(numberOf(first), numberOf(last));
  const [, single] = SINGLE.exec(text) ?? [];
  return single === undefined ? undefined : ordered(numberOf(single), numberOf(single));
}

/** Some definitions name the greater end first: `-30..-120`. */
function ordered(a: number | bigint, b: number | bigint): Interval {
  return a <= b ? { min: a, max: b } : { min: b, max: a };
}

/** A whole number that a double cannot hold becomes a bigint. */
function numberOf(text: string): number | bigint {
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) && !text.includes('.')
    ? BigInt(text)
    : number;
}
