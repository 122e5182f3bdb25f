import { Encryption } from '@portico/codec-gbt32960';
import { type Decrypt, type KeyFile, keyFileError, readKeyFile } from '@portico/core';
import { SHARED_KEY_SIZE, sharedKeyDecrypt } from './decrypt.js';

import { type Verify, verifierOf } from './verify.js';

/** What is known of a vehicle, or of a platform. */
export interface VehicleKeys {
  /** By {@link Encryption}. */
  readonly decrypt: Map<number, Decrypt>;
  /** Of the signatures of a vehicle. */
  verify: Verify | undefined;
}

/** Takes a key; an Error says why it is none. */
type Take = (keys: VehicleKeys, text: string) => void;

const KINDS: ReadonlyMap<string, Take> = new Map<string, Take>([
  [
    'aes128',
    ({ decrypt }, key) => decrypt.set(Encryption.Aes128, sharedKeyDecrypt('aes-128-ecb', sharedKey(key))),
  ],
  ['sm4', ({ decrypt }, key) => decrypt.set(Encryption.Sm4, sharedKeyDecrypt('sm4-ecb', sharedKey(key)))],
  [
    'public',
    (keys, key) => {
      keys.verify = publicKey(key);
    },
  ],
]);

function sharedKey(text: string): Buffer {
  const key = Buffer.from(text, 'hex');
  if (key.length !== SHARED_KEY_SIZE || text.length !== 2 * SHARED_KEY_SIZE) {
    throw new Error(`${2 * SHARED_KEY_SIZE} hexadecimal digits are needed`);
  }
  return key;
}

function publicKey(text: string): Verify {
  try {
    return verifierOf(Buffer.from(text, 'base64'));
  } catch (cause) {
    const reason = 'a public key of SM2, RSA or P-256 is needed, as SubjectPublicKeyInfo in base64';
    throw new Error(reason, { cause });
  }
}

/**
 * Reads the keys of vehicles and platforms: in each line a VIN or the number of a platform, `aes128`, `sm4` or `public`,
 * and the key: 32 hexadecimal digits, of a public key its SubjectPublicKeyInfo in base64. Empty lines and lines that
 * begin with `#` are left out.
 * @returns them by VIN or number
 * @throws PorticoError `PORTICO_ERR_VEHICLE_KEYS` with key, file and line, never with what stands there
 */
export function readVehicleKeys(file: KeyFile): ReadonlyMap<string, VehicleKeys> {
  const all = new Map<string, VehicleKeys>();
  for (const [index, line] of readKeyFile(file).split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    try {
      takeLine(all, line);
    } catch (cause) {
      throw keyFileError(file, (cause as Error).message, cause, index + 1);
    }
  }
  return all;
}

function takeLine(all: Map<string, VehicleKeys>, line: string): void {
  const [name = '', kind = '', key, ...rest] = line.trim().split(/\s+/);
  const take = KINDS.get(kind);
  if (take === undefined || key === undefined || rest.length > 0) {
    throw new Error(`a VIN, one of ${[...KINDS.keys()].join(', ')}, and a key are needed`);
  }
  const keys = all.get(name) ?? { decrypt: new Map(), verify: undefined };
  take(keys, key);
  all.set(name, keys);
}
