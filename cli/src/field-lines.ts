import { escapeControls } from '@portico/core/base';
import type { Row } from './management-api.js';

/** A field on each line. */
export function fieldLines(row: Row): string {
  const entries = Object.entries(row).flatMap(([name, value]) => nested(name, value));
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${escapeControls(String(value))}\n`).join('');
}

/** The fields of an object, named `details.plate`, or the field itself. */
function nested(name: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[name, value]];
  return Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, each]);
}
