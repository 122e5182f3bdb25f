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

/**
 * A frame of the first bytes of a buffer: with the check byte, delimiters and escapes, in memory of its own.
 * @param plain has room for the check byte
 */
export function delimited(plain: Buffer, length: number): Buffer {
  let sum = 0;
  let special = 0;
  for (let at = 0; at < length; at++) {
    const byte = plain[at] as number;
    sum ^= byte;
    if (isSpecial(byte)) special++;
  }
  plain[length] = sum;
  if (isSpecial(sum)) special++;
  const frame = Buffer.allocUnsafe(length + special + 3);
  frame[0] = DELIMITER;
  if (special === 0) plain.copy(frame, 1, 0, length + 1);
  else putEscaped(plain, length + 1, frame);
  frame[frame.length - 1] = DELIMITER;
  return frame;
}

function isSpecial(byte: number): boolean {
  return byte === DELIMITER || byte === ESCAPE;
}

function putEscaped(plain: Buffer, length: number, frame: Buffer): void {
  let to = 1;
  for (let at = 0; at < length; at++) {
    const byte = plain[at] as number;
    if (isSpecial(byte)) {
      frame[to++] = ESCAPE;
      frame[to++] = byte - ESCAPE + ESCAPED_ESCAPE;
    } else frame[to++] = byte;
  }
}

/** The check byte: all bytes combined by exclusive or (JT/T 808-2019 §4.4.4). */
export function checksum(bytes: Buffer, end: number): number {
  let sum = 0;
  for (let at = 0; at < end; at++) sum ^= bytes[at] as number;
  return sum;
}
