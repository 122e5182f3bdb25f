/** Begins and ends a frame (JT/T 808-2019 §4.4.2). */
export const DELIMITER = 0x7e;
const ESCAPE = 0x7d;
/** What stands behind the escape byte instead of it, and of the delimiter. */
const ESCAPED_ESCAPE = 1;
const ESCAPED_DELIMITER = 2;

/** Takes escapes out of the bytes between delimiters. @returns the same bytes where there are none; undefined for others */
export function unescaped(bytes: Buffer): Buffer | undefined {
  const first = bytes.indexOf(ESCAPE);
  if (first < 0) return bytes;
  const plain = Buffer.allocUnsafe(bytes.length);
  bytes.copy(plain, 0, 0, first);
  let length = first;
  for (let at = first; at < bytes.length; at++) {
    let byte = bytes[at] as number;
    if (byte === ESCAPE) {
      const escaped = bytes[++at];
      if (escaped !== ESCAPED_ESCAPE && escaped !== ESCAPED_DELIMITER) return undefined;
      byte = ESCAPE + escaped - ESCAPED_ESCAPE;
    }
    plain[length++] = byte;
  }
  return plain.subarray(0, length);
}

export function isEscape(byte: number | undefined): boolean {
  return byte === ESCAPE;
}

/** Where an escape byte stands before none of the bytes that it may; undefined where none does. */
export function badEscapeAt(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(ESCAPE); at >= 0; at = bytes.indexOf(ESCAPE, at + 2)) {
    const escaped = bytes[at + 1];
    if (escaped !== ESCAPED_ESCAPE && escaped !== ESCAPED_DELIMITER) return at;
  }
  return undefined;
}

/**
 * A frame of a header and a body: with the check byte, delimiters and escapes, in memory of its own.
 * @param length bytes of both
 */
export function delimited(plain: Buffer, length: number): Buffer {
  const frame = Buffer.allocUnsafe(length + 3);
  const sum = copySound(plain, length, frame);
  if (sum === undefined || isSpecial(sum)) return escaped(plain, length);
  frame[0] = DELIMITER;
  frame[length + 1] = sum;
  frame[length + 2] = DELIMITER;
  return frame;
}

/**
 * Copies bytes behind the first delimiter of their frame. Four in a turn take half as long as one.
 * @returns their check byte; undefined when one is to be escaped
 */
function copySound(plain: Buffer, length: number, frame: Buffer): number | undefined {
  let sum = 0;
  let at = 0;
  while (at < length - 3) {
    const one = plain[at] as number;
    const two = plain[at + 1] as number;
    const three = plain[at + 2] as number;
    const four = plain[at + 3] as number;
    if (isSpecial(one) || isSpecial(two) || isSpecial(three) || isSpecial(four)) return undefined;
    sum ^= one ^ two ^ three ^ four;
    frame[at + 1] = one;
    frame[at + 2] = two;
    frame[at + 3] = three;
    frame[at + 4] = four;
    at += 4;
  }
  while (at < length) {
    const byte = plain[at] as number;
    if (isSpecial(byte)) return undefined;
    sum ^= byte;
    frame[++at] = byte;
  }
  return sum;
}

/** A frame of which some bytes are escaped. */
function escaped(plain: Buffer, length: number): Buffer {
  const frame = Buffer.allocUnsafe(2 * length + 4);
  frame[0] = DELIMITER;
  let end = 1;
  for (let at = 0; at < length; at++) end = putEscaped(frame, end, plain[at] as number);
  end = putEscaped(frame, end, checksum(plain, length));
  frame[end] = DELIMITER;
  return frame.subarray(0, end + 1);
}

/** Whether a byte is one of the two, which are neighbours: asked of every byte that is sent. */
function isSpecial(byte: number): boolean {
  return (byte - ESCAPE) >>> 0 <= DELIMITER - ESCAPE;
}

/** @returns the offset behind it */
function putEscaped(frame: Buffer, at: number, byte: number): number {
  if (!isSpecial(byte)) {
    frame[at] = byte;
    return at + 1;
  }
  frame[at] = ESCAPE;
  frame[at + 1] = byte - ESCAPE + ESCAPED_ESCAPE;
  return at + 2;
}

/** The check byte: all bytes combined by exclusive or (JT/T 808-2019 §4.4.4). */
export function checksum(bytes: Buffer, end: number): number {
  let sum = 0;
  for (let at = 0; at < end; at++) sum ^= bytes[at] as number;
  return sum;
}

/** Bytes without escapes, with where each stood. */
export interface PlainBytes {
  readonly plain: Buffer;
  /** Offset of each before escapes were taken out, and one more for the end. */
  readonly places: readonly number[];
  /** Offset of an escape byte that stands before something else; what follows it is not there. */
  readonly fault: number | undefined;
}

/** Takes escapes out of some bytes and remembers where they were; for people, not for the way of messages. */
export function plainBytes(bytes: Buffer, start: number, end: number): PlainBytes {
  const plain = Buffer.alloc(end - start);
  const places: number[] = [];
  let at = start;
  let fault: number | undefined;
  while (at < end && fault === undefined) {
    const pair = bytes[at] === ESCAPE ? unescaped(bytes.subarray(at, Math.min(at + 2, end))) : undefined;
    if (bytes[at] === ESCAPE && pair === undefined) fault = at;
    else {
      plain[places.length] = (pair ?? bytes)[pair === undefined ? at : 0] as number;
      places.push(at);
      at += pair === undefined ? 1 : 2;
    }
  }
  return { plain: plain.subarray(0, places.length), places: [...places, at], fault };
}
