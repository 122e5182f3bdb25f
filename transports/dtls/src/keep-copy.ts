/**
 * A copy with memory of its own, for bytes that live as long as a session: a slice of Node's shared pool of 8 KiB would
 * keep all of it.
 */
export function keepCopy(bytes: Buffer): Buffer {
  const copy = Buffer.alloc(bytes.length);
  bytes.copy(copy);
  return copy;
}
