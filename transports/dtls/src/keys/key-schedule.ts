import { prf } from './prf.js';

/** Bytes of an AES-128 key. */
const KEY_LENGTH = 16;
/** Bytes of the fixed part of the nonce (RFC 5288 §3, RFC 6655 §3). */
const FIXED_IV_LENGTH = 4;
const MASTER_SECRET_LENGTH = 48;
/** RFC 5246 §7.4.9 */
const VERIFY_DATA_LENGTH = 12;

/** What one direction is protected with. */
export interface DirectionKeys {
  readonly key: Buffer;
  readonly fixedIv: Buffer;
}

export interface SessionKeys {
  readonly client: DirectionKeys;
  readonly server: DirectionKeys;
}

export interface Randoms {
  readonly client: Buffer;
  readonly server: Buffer;
}

/** RFC 5246 §8.1 */
export function masterSecret(premaster: Buffer, randoms: Randoms): Buffer {
  const seed = Buffer.concat([randoms.client, randoms.server]);
  return prf(premaster, 'master secret', seed, MASTER_SECRET_LENGTH);
}

/** RFC 7627 §4 @param sessionHash hash of all messages up to and with ClientKeyExchange */
export function extendedMasterSecret(premaster: Buffer, sessionHash: Buffer): Buffer {
  return prf(premaster, 'extended master secret', sessionHash, MASTER_SECRET_LENGTH);
}

/** RFC 5246 §6.3; AEAD ciphers have no MAC keys. The keys are one block of memory, see {@link forgetKeys}. */
export function expandKeys(master: Buffer, randoms: Randoms): SessionKeys {
  const seed = Buffer.concat([randoms.server, randoms.client]);
  const block = prf(master, 'key expansion', seed, 2 * (KEY_LENGTH + FIXED_IV_LENGTH));
  let at = 0;
  const take = (length: number): Buffer => {
    at += length;
    return block.subarray(at - length, at);
  };
  const [clientKey, serverKey] = [take(KEY_LENGTH), take(KEY_LENGTH)];
  const [clientIv, serverIv] = [take(FIXED_IV_LENGTH), take(FIXED_IV_LENGTH)];
  return {
    client: { key: clientKey, fixedIv: clientIv },
    server: { key: serverKey, fixedIv: serverIv },
  };
}

/** Overwrites keys that ciphers have taken over. */
export function forgetKeys(keys: SessionKeys): void {
  for (const { key, fixedIv } of [keys.client, keys.server]) {
    key.fill(0);
    fixedIv.fill(0);
  }
}

/** The content of Finished (RFC 5246 §7.4.9). */
export function verifyData(master: Buffer, sender: 'client' | 'server', transcriptHash: Buffer): Buffer {
  return prf(master, `${sender} finished`, transcriptHash, VERIFY_DATA_LENGTH);
}

/** The premaster secret of PSK suites (RFC 4279 §2; with ECDHE RFC 5489 §2). @param other zeros for plain PSK */
export function pskPremaster(psk: Buffer, other: Buffer = Buffer.alloc(psk.length)): Buffer {
  const premaster = Buffer.alloc(4 + other.length + psk.length);
  premaster.writeUInt16BE(other.length, 0);
  other.copy(premaster, 2);
  premaster.writeUInt16BE(psk.length, 2 + other.length);
  psk.copy(premaster, 4 + other.length);
  return premaster;
}
