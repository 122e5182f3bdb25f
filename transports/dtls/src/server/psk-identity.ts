const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A PSK identity as text; undefined when it is no UTF-8, which it has to be (RFC 4279 §5.1). */
export function decodePskIdentity(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
