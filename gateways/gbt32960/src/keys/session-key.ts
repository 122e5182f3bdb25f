import { Command, Encryption, type Gbt32960Header } from '@portico/codec-gbt32960';
import type { Decrypt } from '@portico/core';
import { type Time, timeMs } from '../china-time.js';
import { SHARED_KEY_SIZE, type SharedKeyCipher, sharedKeyDecrypt } from './decrypt.js';

/** A key that a vehicle or platform has told of (GB/T 32960.3-2025 §7.6). */
export interface SessionKey {
  /** What it decrypts, by {@link Encryption}. */
  readonly encryption: number;
  readonly decrypt: Decrypt;
  /** Milliseconds since 1970 from and until which it holds. */
  readonly from: number;
  readonly until: number;
}

const CIPHERS: ReadonlyMap<unknown, SharedKeyCipher> = new Map<unknown, SharedKeyCipher>([
  [Encryption.Aes128, 'aes-128-ecb'],
  [Encryption.Sm4, 'sm4-ecb'],
]);

/** The key that the data of a key exchange tell of; undefined where it is none of AES-128 or SM4, or they are incomplete. */
export function sessionKeyOf(
  { command }: Gbt32960Header,
  data: Readonly<Record<string, unknown>>,
): SessionKey | undefined {
  if (command !== Command.KeyExchange) return undefined;
  const { KeyType: encryption, Key, ActiveTime, ExpireTime } = data;
  const cipher = CIPHERS.get(encryption);
  if (cipher === undefined || ExpireTime === undefined) return undefined;
  const key = Buffer.from(Key as string, 'hex');
  if (key.length !== SHARED_KEY_SIZE) return undefined;
  return {
    encryption: encryption as number,
    decrypt: sharedKeyDecrypt(cipher, key),
    from: timeMs(ActiveTime as Time),
    until: timeMs(ExpireTime as Time),
  };
}

/** Without the key, which is no business of those who are told of its exchange. */
export function withoutKey(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { Key: _, ...others } = data;
  return others;
}
