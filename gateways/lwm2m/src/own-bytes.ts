/**
 * The UTF-8 of a text in memory of its own. What `Buffer.from` makes of a text lies in pages with other things, some of
 * which are kept for as long as a device is registered, and would keep all that lies beside them.
 */
export function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
