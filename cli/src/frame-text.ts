import type { FrameRow } from '@portico/core';
import { escapeControls, quantity } from '@portico/core/base';
import { TextTable } from './text-table.js';

/** Most bytes of a field that are shown in hexadecimal. */
const MOST_SHOWN = 16;

/** A frame for people: what it is, a line for each field, and what is wrong with it. Places are those in all of the bytes. */
export function frameText({ title, offset, hex, fields, faults }: FrameRow): string {
  const size = hex.length / 2;
  const place = offset === 0 ? '' : ` at byte ${offset}`;
  const heading = `${escapeControls(title)}, ${quantity(size, 'byte')}${place}\n`;
  const table = new TextTable(['  BYTE', 'HEX', 'FIELD', 'VALUE']);
  const rows = fields.map((field) => [
    `  ${offset + field.offset}`,
    shortHex(field.hex),
    field.name,
    field.value,
  ]);
  const wrong = faults.map((fault) => `  byte ${offset + fault.offset}: ${escapeControls(fault.reason)}\n`);
  return heading + (rows.length === 0 ? '' : table.lines(rows)) + wrong.join('');
}

function shortHex(hex: string): string {
  return hex.length > 2 * MOST_SHOWN ? `${hex.slice(0, 2 * MOST_SHOWN)}…` : hex;
}
