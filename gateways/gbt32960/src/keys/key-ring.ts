import { Encryption, type Gbt32960Header, vinText } from '@portico/codec-gbt32960';
import { type Decrypt, readPrivateKey, rsaDecrypt, rsaPrivateKey } from '@portico/core';
import type { Gbt32960Config } from '../config.js';
import type { Origin } from '../origin.js';
import { sharedKeyDecrypt, sm2KeyDecrypt } from './decrypt.js';
import { readVehicleKeys, type VehicleKeys } from './vehicle-keys.js';
import type { Verify } from './verify.js';

/** Who sent a message, as far as that is known before it is read. */
export interface Sender {
  /** Undefined until the login is taken. */
  readonly origin: Origin | undefined;
  /** Undefined for a vehicle that comes by itself. */
  readonly platform: Origin | undefined;
}

/** Where the configuration tells of keys. */
const KEYS = 'gateways.gbt32960';

/** The keys of the configuration that tell of keys. */
type KeyConfig = Pick<Gbt32960Config, 'decryption' | 'vehicle_keys_file'>;

/** All keys of the gateway. */
export class KeyRing {
  readonly #config: KeyConfig;
  /** The hub's own, and those that all share, by {@link Encryption}. */
  #common: ReadonlyMap<number, Decrypt>;
  #byName: ReadonlyMap<string, VehicleKeys>;

  /** @throws PorticoError `PORTICO_ERR_VEHICLE_KEYS` when a file is not right */
  constructor(config: KeyConfig) {
    this.#config = config;
    this.#common = commonKeys(config.decryption);
    this.#byName = vehicleKeys(config);
  }

  /** Reads the files anew. @throws PorticoError `PORTICO_ERR_VEHICLE_KEYS` when one is not right; all stays as it was then */
  reload(): void {
    const common = commonKeys(this.#config.decryption);
    this.#byName = vehicleKeys(this.#config);
    this.#common = common;
  }

  /**
   * How the data of a frame are decrypted: by the key that its sender, or the platform, told of and that holds now, else
   * by the vehicle's own, the platform's, or that of all; undefined where there is none.
   * @param now milliseconds since 1970
   */
  decrypt({ encryption, vin }: Gbt32960Header, sender: Sender, now: number): Decrypt | undefined {
    if (encryption === Encryption.None) return undefined;
    const { origin, platform } = sender;
    return (
      exchanged(origin, encryption, now) ??
      exchanged(platform, encryption, now) ??
      this.#own(vin, encryption) ??
      (platform && this.#own(platform.vin, encryption)) ??
      this.#common.get(encryption)
    );
  }

  #own(vin: string, encryption: number): Decrypt | undefined {
    return this.#byName.get(vinText(vin))?.decrypt.get(encryption);
  }

  /** How the signatures of a vehicle are verified; undefined where its public key is not known. */
  verify({ vin }: Gbt32960Header): Verify | undefined {
    return this.#byName.size === 0 ? undefined : this.#byName.get(vinText(vin))?.verify;
  }
}

function exchanged(origin: Origin | undefined, encryption: number, now: number): Decrypt | undefined {
  const key = origin?.sessionKey;
  if (key === undefined || key.encryption !== encryption) return undefined;
  return now >= key.from && now < key.until ? key.decrypt : undefined;
}

function vehicleKeys({ vehicle_keys_file: path }: KeyConfig): ReadonlyMap<string, VehicleKeys> {
  return path === undefined ? new Map() : readVehicleKeys({ key: `${KEYS}.vehicle_keys_file`, path });
}

function commonKeys(config: Gbt32960Config['decryption']): Map<number, Decrypt> {
  const { aes128_secret: aes128, sm4_secret: sm4, rsa_key_file: rsa, sm2_key_file: sm2 } = config;
  const found = new Map<number, Decrypt>();
  if (aes128 !== '')
    found.set(Encryption.Aes128, sharedKeyDecrypt('aes-128-ecb', Buffer.from(aes128, 'hex')));
  if (sm4 !== '') found.set(Encryption.Sm4, sharedKeyDecrypt('sm4-ecb', Buffer.from(sm4, 'hex')));
  if (rsa !== undefined) {
    const file = { key: `${KEYS}.decryption.rsa_key_file`, path: rsa };
    const key = readPrivateKey(file, 'RSA', rsaPrivateKey);
    found.set(Encryption.Rsa, rsaDecrypt(key, config.rsa_oaep_hash));
  }
  if (sm2 !== undefined) {
    const file = { key: `${KEYS}.decryption.sm2_key_file`, path: sm2 };
    found.set(Encryption.Sm2, readPrivateKey(file, 'SM2', sm2KeyDecrypt));
  }
  return found;
}
