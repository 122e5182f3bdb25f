import { isUtf8 } from 'node:buffer';

/** No more strings are taken in a message: clients send one in each. */
const MOST_STRINGS = 1000;

/**
 * Characters that may be of the framing alone: rates count what it holds. A byte takes 6 characters at most, `\u0000`.
 */
const MOST_FRAMING = 8192;
const MOST_PER_BYTE = 6;

/** Stands for each byte that is no UTF-8. It is as long as that, so that lengths told before stay right. */
const REPLACEMENT = 0x3f;

const NOTHING = Buffer.alloc(0);

/** Sent before all else, and last of all where nothing is wrong. */
export const SOCKJS_OPEN = 'o';
export const SOCKJS_CLOSE = 'c[1000,"Normal closure"]';

/**
 * What a text message of a client brings: the bytes of its strings (SockJS protocol 0.3.3, “WebSocket transport”: an array,
 * or one string; an empty message is passed over). Undefined when it is wrong.
 */
export function unwrap(message: Buffer): Buffer | undefined {
  if (message.length === 0) return NOTHING;
  if (!isUtf8(message)) return undefined;
  const text = textOf(parse(message.toString()));
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text);
  return message.length > MOST_FRAMING + MOST_PER_BYTE * bytes.length ? undefined : bytes;
}

function textOf(strings: unknown): string | undefined {
  if (typeof strings === 'string') return strings;
  if (!Array.isArray(strings) || strings.length > MOST_STRINGS) return undefined;
  return strings.every((it) => typeof it === 'string') ? strings.join('') : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Bytes as messages to a client: each an array of one string. A character that ends in a later piece waits for it. SockJS
 * carries text alone: of what is no UTF-8 each byte becomes `?`.
 */
export class SockJsWriter {
  #rest = NOTHING;

  /** Undefined when there is nothing to send yet. @param bytes borrowed */
  wrap(bytes: Buffer): string | undefined {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = all.length - unfinished(all);
    this.#rest = end === all.length ? NOTHING : Buffer.from(all.subarray(end));
    if (end === 0) return undefined;
    const whole = all.subarray(0, end);
    return `a${JSON.stringify([(isUtf8(whole) ? whole : repaired(whole)).toString()])}`;
  }
}

/** Bytes that a character begun at `index` has, by its first byte (RFC 3629 §3); 0 for a byte that begins none. */
function lengthAt(bytes: Buffer, index: number): number {
  const first = bytes[index] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

/** How many bytes at the end may be the beginning of a character. */
function unfinished(bytes: Buffer): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const length = lengthAt(bytes, bytes.length - count);
    if (length > 0) return length > count ? count : 0;
  }
  return 0;
}

function repaired(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let index = 0; index < copy.length; ) {
    const length = lengthAt(copy, index);
    if (length === 1) index++;
    else if (length > 0 && index + length <= copy.length && isUtf8(copy.subarray(index, index + length))) {
      index += length;
    } else copy[index++] = REPLACEMENT;
  }
  return copy;
}
