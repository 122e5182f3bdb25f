import { readFile } from 'node:fs/promises';
import { PorticoError } from '../runtime/errors.js';
import { fileReason } from '../runtime/file-reason.js';

/** Longest identity in bytes, RFC 4279 §5.3; OpenSSL takes no longer one in older versions. */
const MAX_IDENTITY = 128;
/** Longest key in bytes; RFC 4279 §5.3 asks for 64 at least. */
const MAX_KEY = 256;

/** Some editors put it at the start of a file. */
const BYTE_ORDER_MARK = Buffer.from('\uFEFF').toString('latin1');

/**
 * The pre-shared keys of TLS and DTLS, as the file `access.psk_file` has them: a line `identity:key` for each.
 *
 * - The key is the bytes of the text behind the last `:`, taken as they are: identities may hold colons, as
 *   those of LwM2M do (`urn:imei:…`), keys may not.
 * - The identity is UTF-8, RFC 4279 §5.1.
 * - Empty lines and lines that begin with `#` are left out.
 */
export class PskKeys {
  readonly #file: string;
  readonly #configKey: string;
  /** Keys by identity, as text of one character per byte. */
  #keys: ReadonlyMap<string, string>;

  private constructor(file: string, configKey: string, keys: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#configKey = configKey;
    this.#keys = keys;
  }

  /**
   * @param configKey that names the file
   * @throws PorticoError `PORTICO_ERR_PSK_FILE` with file and line, never with a key
   */
  static async read(file: string, configKey = 'access.psk_file'): Promise<PskKeys> {
    return new PskKeys(file, configKey, await readKeys(file, configKey));
  }

  /** Identities that have a key. */
  get size(): number {
    return this.#keys.size;
  }

  /** The key of an identity; undefined when it has none. */
  find(identity: string): Buffer | undefined {
    const key = this.#keys.get(identity);
    return key === undefined ? undefined : Buffer.from(key, 'latin1');
  }

  /**
   * Reads the file anew.
   * @throws PorticoError as {@link read}; the keys stay what they were then
   */
  async reload(): Promise<void> {
    this.#keys = await readKeys(this.#file, this.#configKey);
  }
}

async function readKeys(file: string, configKey: string): Promise<Map<string, string>> {
  let text: string;
  try {
    text = (await readFile(file, 'latin1')).replace(BYTE_ORDER_MARK, '');
  } catch (cause) {
    throw new PorticoError('PORTICO_ERR_PSK_FILE', `${file} (${configKey}): ${fileReason(cause)}`, {
      cause,
    });
  }
  return parseKeys(text, file);
}

function parseKeys(text: string, file: string): Map<string, string> {
  const keys = new Map<string, string>();
  text.split('\n').forEach((rawLine, index) => {
    const line = rawLine.endsWith('\r') ? rawLine.slice(0, -1) : rawLine;
    if (line === '' || line.startsWith('#')) return;
    const colon = line.lastIndexOf(':');
    const identity = Buffer.from(line.slice(0, Math.max(colon, 0)), 'latin1').toString('utf8');
    const key = line.slice(colon + 1);
    const fault = colon < 0 ? 'there is no ":" between identity and key' : faultOf(identity, key, keys);
    if (fault !== undefined) {
      throw new PorticoError('PORTICO_ERR_PSK_FILE', `${file}:${index + 1}: ${fault}`);
    }
    keys.set(identity, key);
  });
  return keys;
}

function faultOf(identity: string, key: string, known: ReadonlyMap<string, string>): string | undefined {
  if (identity === '') return 'the identity is missing';
  if (Buffer.byteLength(identity) > MAX_IDENTITY) return `the identity is longer than ${MAX_IDENTITY} bytes`;
  if (identity.includes('\uFFFD') || identity.includes('\0')) return 'the identity is no UTF-8 text';
  if (known.has(identity)) return `the identity "${identity}" stands here a second time`;
  return pskFault(key.length);
}

/** @param length of a key in bytes @returns what is wrong with it */
export function pskFault(length: number): string | undefined {
  if (length === 0) return 'the key is missing';
  return length > MAX_KEY ? `the key is longer than ${MAX_KEY} bytes` : undefined;
}
