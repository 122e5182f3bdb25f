import type { Jt808Frame } from '@portico/codec-jt808';
import {
  type Decrypt,
  type RsaPublicKey,
  readPrivateKey,
  rsaDecrypt,
  rsaEncrypt,
  rsaPrivateKey,
  rsaPublicKey,
} from '@portico/core';
import type { Jt808Config } from './config.js';

/** What a header says of a body that is encrypted by RSA: bit 10 of the properties (JT/T 808-2019 §4.4.3). */
export const RSA = 1;
/** Bytes of the modulus in 0x8A00 and 0x0A00. */
const MODULUS_SIZE = 128;

/** A public key as 0x8A00 and 0x0A00 tell it; `n` is base64. */
export interface KeyBody {
  readonly e: number;
  readonly n: string;
}

/** Encrypts a body. @returns undefined when the key is none, or the body too long */
export type Encrypt = (plain: Buffer) => Buffer | undefined;

type EncryptionConfig = Jt808Config['encryption'];

interface PlatformKey {
  readonly decrypt: Decrypt;
  readonly publicKey: KeyBody;
}

/** The hub's key of RSA, if it has one, and what is done with it and those of terminals. */
export class Encryption {
  readonly #config: EncryptionConfig;
  #key: PlatformKey | undefined;

  /** @throws PorticoError `PORTICO_ERR_VEHICLE_KEYS` when the file is not right */
  constructor(config: EncryptionConfig) {
    this.#config = config;
    this.#key = readKey(config);
  }

  /** Reads the file anew. @throws PorticoError `PORTICO_ERR_VEHICLE_KEYS` when it is not right; all stays as it was then */
  reload(): void {
    this.#key = readKey(this.#config);
  }

  /** What terminals are told of the key with 0x8A00; undefined where there is none. */
  get publicKey(): KeyBody | undefined {
    return this.#key?.publicKey;
  }

  /**
   * The message in the clear, if it is encrypted and there is a key.
   * @returns undefined when it cannot be decrypted by that; the same frame where there is nothing to decrypt
   */
  open(frame: Jt808Frame): Jt808Frame | undefined {
    const { header } = frame;
    if (header.encrypt !== RSA || this.#key === undefined) return frame;
    const body = this.#key.decrypt(frame.body);
    return body && { ...frame, header: { ...header, encrypt: 0, len: body.length }, body };
  }

  /** How commands are encrypted for a terminal that has told of its key; undefined where the hub has none. */
  encryptFor({ e, n }: Readonly<Record<string, unknown>>): Encrypt | undefined {
    if (this.#key === undefined || typeof e !== 'number' || typeof n !== 'string') return undefined;
    const key: RsaPublicKey = { exponent: e, modulus: Buffer.from(n, 'base64') };
    return (plain) => rsaEncrypt(key, this.#config.rsa_oaep_hash, plain);
  }
}

function readKey({ rsa_key_file: path, rsa_oaep_hash }: EncryptionConfig): PlatformKey | undefined {
  if (path === undefined) return undefined;
  const file = { key: 'gateways.jt808.encryption.rsa_key_file', path };
  return readPrivateKey(file, 'RSA with 1,024 bits', (pem) => {
    const key = rsaPrivateKey(pem);
    const { modulus, exponent: e } = rsaPublicKey(key);
    if (modulus.length !== MODULUS_SIZE) throw new Error(`its modulus has ${modulus.length} bytes`);
    return { decrypt: rsaDecrypt(key, rsa_oaep_hash), publicKey: { e, n: modulus.toString('base64') } };
  });
}
