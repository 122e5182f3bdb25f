import type { ExplainedField, ExplainedFrame } from './explanation.js';

/** A field as programs get it. */
export interface FieldRow {
  /** Bytes from the start of the frame. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  readonly hex: string;
  readonly name: string;
  readonly value: string;
}

/** A frame as programs get it. */
export interface FrameRow {
  readonly title: string;
  /** Bytes from the start of what was looked at. */
  readonly offset: number;
  readonly hex: string;
  readonly fields: readonly FieldRow[];
  readonly faults: readonly { readonly offset: number; readonly reason: string }[];
}

/** Stands for each byte that is not shown. */
const HIDDEN_BYTE = '**';
const HIDDEN_VALUE = '***';

/**
 * A frame in a form without bytes.
 * @param hideSecrets whether passwords, keys and the like are left out, in its bytes too
 */
export function frameRow(frame: ExplainedFrame, hideSecrets: boolean): FrameRow {
  const { title, offset, bytes, fields, faults } = frame;
  const hidden = hideSecrets ? fields.filter(({ secret }) => secret) : [];
  const row = ({ name, start, end, value, secret }: ExplainedField): FieldRow => ({
    offset: start,
    length: end - start,
    hex: hexWithout(bytes, hidden, start, end),
    name,
    value: hideSecrets && secret ? HIDDEN_VALUE : value,
  });
  return { title, offset, hex: hexWithout(bytes, hidden, 0, bytes.length), fields: fields.map(row), faults };
}

/** Frames in a form without bytes. @param showSecrets see {@link frameRow} */
export function frameRows(frames: readonly ExplainedFrame[], showSecrets = false): FrameRow[] {
  return frames.map((frame) => frameRow(frame, !showSecrets));
}

/** Bytes in hexadecimal, without those of some fields. @param hidden these, in the order of the bytes */
function hexWithout(bytes: Buffer, hidden: readonly ExplainedField[], start: number, end: number): string {
  let hex = '';
  let at = start;
  for (const field of hidden) {
    const from = Math.max(field.start, at);
    const to = Math.min(field.end, end);
    if (from >= to) continue;
    hex += bytes.toString('hex', at, from) + HIDDEN_BYTE.repeat(to - from);
    at = to;
  }
  return hex + bytes.toString('hex', at, end);
}
