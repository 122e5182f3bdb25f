import type { StompFrame } from './frame.js';

const SHOWN_BYTES = 32;

/** A frame in one line, for people and logs. Never shows the passcode. */
export function describe({ command, headers, body }: StompFrame): string {
  const shown = [...headers].map(
    ([name, value]) => `${name}=${name === 'passcode' ? '***' : JSON.stringify(value)}`,
  );
  const parts = [command, ...shown];
  if (body.length > 0) parts.push(`${body.length} bytes ${preview(body)}`);
  return parts.join(' ');
}

function preview(body: Buffer): string {
  const hex = body.toString('hex', 0, SHOWN_BYTES);
  return body.length > SHOWN_BYTES ? `${hex}…` : hex;
}
