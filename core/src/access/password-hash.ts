import { randomBytes } from 'node:crypto';
import {
  DIGESTS,
  deriveKey,
  isDigestName,
  MAX_ITERATIONS,
  type PasswordScheme,
  type SaltPosition,
  type ScryptCost,
  type StoredPassword,
  scryptMemory,
} from './password-scheme.js';

/** What {@link hashPassword} uses: 16 MiB and some 35 ms a password. */
const DEFAULT_COST: ScryptCost = { ln: 14, r: 8, p: 1 };
const DEFAULT_KEY_LENGTH = 32;
const DEFAULT_SALT_LENGTH = 16;

/** Bytes that checking one scrypt hash may need. */
const MAX_SCRYPT_MEMORY = 256 * 1024 ** 2;

const BCRYPT = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;
const SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const PBKDF2 = /^\$pbkdf2-([a-z0-9]+)\$i=(\d{1,8})\$(.+)\$((?:[0-9a-f]{2})+)$/s;
const DIGEST = /^\$(salt-)?([a-z0-9]+)(-salt)?\$(?:(.+)\$)?([0-9a-f]+)$/s;

/** What {@link parsePasswordHash} answers to a text that is no password hash. */
export interface PasswordHashError {
  readonly error: string;
}

/**
 * Reads a password hash as the configuration has it, one text that says how it was made:
 *
 * | text | made by |
 * | --- | --- |
 * | `$scrypt$ln=14,r=8,p=1$<salt>$<key>` | scrypt, our own default; salt and key in base64 without padding |
 * | `$2b$10$<salt and hash>` | bcrypt, as its tools write it; `$2a$` and `$2y$` too |
 * | `$pbkdf2-sha256$i=1000$<salt>$<key>` | PBKDF2; the length of the key says how many bytes to derive |
 * | `$sha256$<hash>` | the hash of the password |
 * | `$salt-sha256$<salt>$<hash>` | the hash of salt and password |
 * | `$sha256-salt$<salt>$<hash>` | the hash of password and salt |
 *
 * But for scrypt and bcrypt, salts are text as it is and hashes lower-case hex: what is in the columns of a
 * database can be copied over. In place of `sha256` stand any of {@link DIGESTS}.
 *
 * @example
 * // the password `public`, in four ways
 * '$sha256$efa1f375d76194fa51a3556a97e641e61685f914d446979da50a551a4333ffd7'
 * '$salt-sha256$salt1$e521d0c9f195a93eaaf68021b9529071b4138685e46b35b5bc27b2b4e2a67652'
 * '$sha256-salt$salt1$081d096e5020914bf037d7922a38ad4663804004e55a519a7afe92001de6e2cc'
 * '$pbkdf2-sha256$i=1000$salt1$6ad36ffd97a93f27df7f069cf393810fcf9e5fad'
 */
export function parsePasswordHash(text: string): StoredPassword | PasswordHashError {
  if (text.startsWith('$2')) return parseBcrypt(text);
  if (text.startsWith('$scrypt$')) return parseScrypt(text);
  if (text.startsWith('$pbkdf2-')) return parsePbkdf2(text);
  return parseDigest(text);
}

/** Hashes a password in our default way, off the event loop; the result is for {@link parsePasswordHash}. */
export async function hashPassword(password: string | Buffer): Promise<string> {
  const salt = randomBytes(DEFAULT_SALT_LENGTH);
  const scheme = { kind: 'scrypt', cost: DEFAULT_COST, keyLength: DEFAULT_KEY_LENGTH } as const;
  const key = await deriveKey(scheme, salt, Buffer.from(password));
  const { ln, r, p } = DEFAULT_COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpaddedBase64(salt)}$${unpaddedBase64(key)}`;
}

function unpaddedBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function parseBcrypt(hash: string): StoredPassword | PasswordHashError {
  if (!BCRYPT.test(hash)) return { error: 'a bcrypt hash is $2b$<cost>$ and 53 characters' };
  return { scheme: { kind: 'bcrypt' }, hash, salt: Buffer.alloc(0) };
}

function parseScrypt(text: string): StoredPassword | PasswordHashError {
  const match = SCRYPT.exec(text);
  if (match === null) return { error: 'a scrypt hash is $scrypt$ln=14,r=8,p=1$<salt>$<key>' };
  const [, ln, r, p, salt, key] = match;
  const cost: ScryptCost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln < 1 || cost.r < 1 || cost.p < 1 || cost.p > 16 || scryptMemory(cost) > MAX_SCRYPT_MEMORY) {
    return {
      error: 'a scrypt hash has ln, r and p of at least 1, p of at most 16, and needs at most 256 MB',
    };
  }
  const keyBytes = Buffer.from(key, 'base64');
  if (keyBytes.length < 16) return { error: 'a scrypt hash has a key of at least 16 bytes' };
  const scheme: PasswordScheme = { kind: 'scrypt', cost, keyLength: keyBytes.length };
  return { scheme, hash: keyBytes.toString('hex'), salt: Buffer.from(salt, 'base64') };
}

function parsePbkdf2(text: string): StoredPassword | PasswordHashError {
  const match = PBKDF2.exec(text);
  if (match === null) return { error: 'a PBKDF2 hash is $pbkdf2-sha256$i=<iterations>$<salt>$<key in hex>' };
  const [, digest, iterationsText, salt, hash] = match;
  if (!isDigestName(digest)) return unknownFunction(digest);
  const iterations = Number(iterationsText);
  if (iterations < 1 || iterations > MAX_ITERATIONS) {
    return { error: `PBKDF2 takes 1 to ${MAX_ITERATIONS} iterations` };
  }
  const keyLength = hash.length / 2;
  if (keyLength < 16 || keyLength > 512) return { error: 'a PBKDF2 hash has a key of 16 to 512 bytes' };
  return { scheme: { kind: 'pbkdf2', digest, iterations, keyLength }, hash, salt: Buffer.from(salt) };
}

function parseDigest(text: string): StoredPassword | PasswordHashError {
  const match = DIGEST.exec(text);
  if (match === null) {
    return {
      error: 'a password hash begins with $scrypt$, $2b$, $pbkdf2-<f>$, $<f>$, $salt-<f>$ or $<f>-salt$',
    };
  }
  const [, prefix, digest, suffix, salt, hash]: (string | undefined)[] = match;
  if (!isDigestName(digest)) return unknownFunction(digest);
  if (hash.length !== DIGESTS[digest].bytes * 2) {
    return { error: `a ${digest} hash has ${DIGESTS[digest].bytes * 2} hex digits` };
  }
  const position = saltPosition(prefix !== undefined, suffix !== undefined);
  if (position === undefined || (position === 'none') !== (salt === undefined)) {
    return { error: `a ${digest} hash is $${digest}$<hash>, or with a salt $salt-${digest}$<salt>$<hash>` };
  }
  return { scheme: { kind: 'digest', digest, salt: position }, hash, salt: Buffer.from(salt ?? '') };
}

function saltPosition(prefix: boolean, suffix: boolean): SaltPosition | undefined {
  if (prefix && suffix) return undefined;
  if (prefix) return 'prefix';
  return suffix ? 'suffix' : 'none';
}

function unknownFunction(name: string): PasswordHashError {
  return { error: `"${name}" is no hash function here; there are ${Object.keys(DIGESTS).join(' ')}` };
}
