import { isUtf8 } from 'node:buffer';
import { escapeControls } from '@portico/core/base';

/** A payload for people, on one line and without what would move the cursor; bytes that are no text as `0x` and hex digits. */
export function payloadText(payload: Buffer): string {
  return isUtf8(payload) ? escapeControls(payload.toString()) : `0x${payload.toString('hex')}`;
}
