import { isAscii } from 'node:buffer';
import type { TextCodec } from './text-codec.js';

const decoder = new TextDecoder('gb18030');

/**
 * GBK, the text of Chinese vehicles (JT/T 808-2019 §4.2, GB/T 32960.3-2016 §6.1). Read by the rules of GB 18030, which has all of it; written without
 * the four-byte characters that GB 18030 has besides, because terminals do not know them.
 */
export const GBK: TextCodec = {
  name: 'gbk',
  decode: (bytes) => (isAscii(bytes) ? bytes.toString('latin1') : decoder.decode(bytes)),
  encode(text) {
    codes ??= allCodes();
    const bytes = Buffer.allocUnsafe(2 * text.length);
    let size = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      const code = unit <= LAST_ASCII ? unit : codes[unit];
      if (code === undefined || (code === 0 && unit !== 0)) return undefined;
      if (code > 0xff) bytes[size++] = code >>> 8;
      bytes[size++] = code;
    }
    return bytes.subarray(0, size);
  },
};

const LAST_ASCII = 0x7f;

/** The two bytes of every character, by its UTF-16 code; 0 of those that GBK lacks. Made when it is first needed. */
let codes: Uint16Array | undefined;

function allCodes(): Uint16Array {
  const found = new Uint16Array(0x10000);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      const unit = character.charCodeAt(0);
      if (character.length === 1 && unit !== NO_CHARACTER) found[unit] ||= (lead << 8) | trail;
    }
  }
  return found;
}

/** What stands for bytes that are no character. */
const NO_CHARACTER = 0xfffd;
