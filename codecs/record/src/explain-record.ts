import { type ExplainedField, shownSize, shownText } from '@portico/frame';
import type { FieldSpan } from './record-reader.js';

/** How the values of a record are shown. */
export interface ShowOptions {
  /** Whether only its owner may see the field of that path, or `(rest)`: bytes that belong to no field. */
  readonly isSecret: (path: string) => boolean;
  /** A value with its unit or meaning; undefined where its number says all. */
  readonly meaning: (span: FieldSpan, value: unknown) => string | undefined;
}

/** Where a record stands in its frame. */
export interface Place {
  /** Offset of its first byte. */
  readonly at: number;
  /** Bytes. */
  readonly size: number;
}

/**
 * The fields of a record that was read with the places of its fields, for people. Bytes that belong to no field are what
 * announces the next: its id, or its length.
 * @param value the record as it stands in JSON
 * @param place of the record in the frame
 */
export function explainRecord(
  spans: readonly FieldSpan[],
  value: unknown,
  { at, size }: Place,
  options: ShowOptions,
): ExplainedField[] {
  const fields: ExplainedField[] = [];
  let end = 0;
  for (const span of leavesOf(spans)) {
    if (span.start > end) fields.push(gap(span.path, at + end, at + span.start));
    fields.push(fieldOf(span, valueAt(value, span.path), at, options));
    end = Math.max(end, span.end);
  }
  if (end < size) fields.push(restField(at + end, at + size, options));
  return fields;
}

const REST = '(rest)';

/** What belongs to no field. */
function restField(start: number, end: number, { isSecret }: ShowOptions): ExplainedField {
  const field = { name: REST, start, end, value: shownSize(end - start) };
  return isSecret(REST) ? { ...field, secret: true } : field;
}

/** Those that are not made of others. */
function leavesOf(spans: readonly FieldSpan[]): FieldSpan[] {
  const parents = new Set<string>();
  for (const { path } of spans) {
    for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
      parents.add(path.slice(0, dot));
    }
  }
  return spans.filter(({ path }) => !parents.has(path)).sort((a, b) => a.start - b.start);
}

function gap(path: string, start: number, end: number): ExplainedField {
  return { name: `(before ${path})`, start, end, value: 'id or length' };
}

function fieldOf(span: FieldSpan, value: unknown, at: number, options: ShowOptions): ExplainedField {
  const { path, start, end } = span;
  const isOpaque = span.type === 'BYTE' && typeof value === 'string';
  const shown = options.meaning(span, value) ?? (isOpaque ? shownSize(end - start) : plainText(value));
  const field = { name: path, start: at + start, end: at + end, value: shown };
  return options.isSecret(path) ? { ...field, secret: true } : field;
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return shownText(value);
  if (value === undefined) return '';
  return isBits(value) ? bitsText(value) : cut(JSON.stringify(value));
}

const LONGEST = 512;

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function isBits(value: unknown): value is Readonly<Record<string, number>> {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((bit) => bit === 0 || bit === 1)
  );
}

/** The names of the bits that are set. */
function bitsText(bits: Readonly<Record<string, number>>): string {
  const set = Object.keys(bits).filter((name) => bits[name] === 1);
  return set.join(', ') || 'none';
}

/** @param path names, or indexes, with dots between */
function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}
