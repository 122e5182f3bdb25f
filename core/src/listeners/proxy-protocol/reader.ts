import { type ProxyHeader, ProxyProtocolError } from './header.js';
import { MAX_V1_LENGTH, parseV1, V1_PREFIX } from './v1.js';
import { MAX_V2_LENGTH, parseV2, V2_FIXED_LENGTH, V2_SIGNATURE, v2Length } from './v2.js';

const EMPTY = Buffer.alloc(0);

/** Whether a stream that begins with these bytes begins with a PROXY header. */
export function looksLikeProxyHeader(bytes: Buffer): boolean {
  return bytes.length >= V1_PREFIX.length && (fits(bytes, V1_PREFIX) || fits(bytes, V2_SIGNATURE));
}

/** Whether `bytes` begin like `prefix`, as far as both go. */
function fits(bytes: Buffer, prefix: Buffer): boolean {
  const length = Math.min(bytes.length, prefix.length);
  return bytes.compare(prefix, 0, length, 0, length) === 0;
}

/**
 * Reads the header of the PROXY protocol, version 1 or 2, off the start of a stream.
 * Source: "The PROXY protocol" (HAProxy's doc/proxy-protocol.txt), sections 2.1 and 2.2.
 */
export class ProxyHeaderReader {
  #bytes: Buffer = EMPTY;

  /** Once the header is complete: the bytes behind it, which are the client's own. */
  get rest(): Buffer {
    return this.#bytes;
  }

  /**
   * Takes the next bytes, which it keeps.
   * @returns the header when it is complete, undefined when more bytes are needed
   * @throws ProxyProtocolError at the first byte that cannot be part of a header
   */
  push(chunk: Buffer): ProxyHeader | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length === 0) return undefined;
    if (fits(this.#bytes, V1_PREFIX)) return this.#readV1();
    if (fits(this.#bytes, V2_SIGNATURE)) return this.#readV2();
    throw new ProxyProtocolError('no_header', 'the stream does not begin with a PROXY header');
  }

  #readV1(): ProxyHeader | undefined {
    const end = this.#bytes.subarray(0, MAX_V1_LENGTH).indexOf('\r\n');
    if (end >= 0) return parseV1(this.#take(end + 2).toString('latin1', 0, end));
    if (this.#bytes.length < MAX_V1_LENGTH) return undefined;
    throw new ProxyProtocolError('too_long', `no line end within ${MAX_V1_LENGTH} bytes`);
  }

  #readV2(): ProxyHeader | undefined {
    if (this.#bytes.length < V2_FIXED_LENGTH) return undefined;
    const length = v2Length(this.#bytes);
    if (length > MAX_V2_LENGTH) throw new ProxyProtocolError('too_long', `a header of ${length} bytes`);
    return this.#bytes.length < length ? undefined : parseV2(this.#take(length));
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}
