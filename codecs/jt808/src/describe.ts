import type { Jt808Frame, MalformedFrame } from './frame.js';
import { MESSAGES } from './message-table.js';

const SHOWN_BYTES = 32;

/** A frame in one line, for people and logs. Never shows what is in a body: it may be a key or a code. */
export function describe(frame: Jt808Frame | MalformedFrame): string {
  if (frame.kind === 'malformed') return `malformed (${frame.reason}) ${preview(frame.bytes)}`;
  const { msg_id, encrypt, phone, msg_sn, frag_total, frag_sn } = frame.header;
  const parts = [
    idText(msg_id),
    MESSAGES.get(msg_id)?.name ?? 'unknown',
    `phone=${phone}`,
    `sn=${msg_sn}`,
    `${frame.body.length} bytes`,
  ];
  if (frag_total !== undefined) parts.push(`part ${frag_sn} of ${frag_total}`);
  if (encrypt !== 0) parts.push(`encrypted=${encrypt}`);
  return parts.join(' ');
}

/** A message id as the standard writes it: `0x0200`. */
export function idText(id: number): string {
  return `0x${id.toString(16).padStart(4, '0')}`;
}

function preview(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, SHOWN_BYTES);
  return bytes.length > SHOWN_BYTES ? `${hex}…` : hex;
}
