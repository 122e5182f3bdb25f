/** The two digits of every byte. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** More bytes are faster with what Node.js has for it. */
const FEW = 10;

/** Bytes in hexadecimal. @param size how many there are from `at` on */
export function hexOf(bytes: Buffer, at: number, size: number): string {
  if (size > FEW) return bytes.toString('hex', at, at + size);
  let digits = '';
  for (let i = at; i < at + size; i++) digits += DIGITS[bytes[i] as number];
  return digits;
}

/** Of characters that are no hexadecimal digits. */
const NO_DIGIT = 16;
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? NO_DIGIT : value;
});

/**
 * Writes bytes that are given in hexadecimal.
 * @param bytes has room for `size` of them from `at` on
 * @returns false when these are no hexadecimal digits, two for each byte
 */
export function putHex(bytes: Buffer, at: number, digits: string, size: number): boolean {
  let odd = 0;
  for (let i = 0; i < size; i++) {
    const high = VALUES[digits.charCodeAt(2 * i)] ?? NO_DIGIT;
    const low = VALUES[digits.charCodeAt(2 * i + 1)] ?? NO_DIGIT;
    odd |= high | low;
    bytes[at + i] = (high << 4) | low;
  }
  return odd < NO_DIGIT && digits.length === 2 * size;
}
