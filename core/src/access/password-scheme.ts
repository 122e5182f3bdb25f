import { createHash, pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { compare as compareBcrypt } from 'bcrypt';

const pbkdf2Async = promisify(pbkdf2);
const scryptAsync = promisify<Buffer, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** Hash functions by the names that configurations use: OpenSSL's name and the bytes of a hash. */
export const DIGESTS = {
  md5: { openssl: 'md5', bytes: 16 },
  ripemd160: { openssl: 'ripemd160', bytes: 20 },
  sha: { openssl: 'sha1', bytes: 20 },
  sha224: { openssl: 'sha224', bytes: 28 },
  sha256: { openssl: 'sha256', bytes: 32 },
  sha384: { openssl: 'sha384', bytes: 48 },
  sha512: { openssl: 'sha512', bytes: 64 },
} as const;

export type DigestName = keyof typeof DIGESTS;

/** Where the salt goes: nowhere, before the password, or behind it. */
export type SaltPosition = 'none' | 'prefix' | 'suffix';

/** How a password becomes what is stored of it. */
export type PasswordScheme =
  | { readonly kind: 'plain'; readonly salt: SaltPosition }
  | { readonly kind: 'digest'; readonly digest: DigestName; readonly salt: SaltPosition }
  | {
      readonly kind: 'pbkdf2';
      readonly digest: DigestName;
      readonly iterations: number;
      /** Bytes. */
      readonly keyLength: number;
    }
  /** The stored text holds cost and salt itself. */
  | { readonly kind: 'bcrypt' }
  | { readonly kind: 'scrypt'; readonly cost: ScryptCost; readonly keyLength: number };

/** The parameters of RFC 7914: N = 2^`ln`, block size `r`, parallelization `p`. */
export interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

export const MAX_ITERATIONS = 10_000_000;
const MAX_KEY_LENGTH = 512;

/** What a source keeps of one password. */
export interface StoredPassword {
  readonly scheme: PasswordScheme;
  /** Hex for digests and PBKDF2 (either case), the whole `$2b$…` text for bcrypt, hex for scrypt. */
  readonly hash: string;
  /** Empty where the scheme has none. */
  readonly salt: Buffer;
}

export function isDigestName(name: string): name is DigestName {
  return Object.hasOwn(DIGESTS, name);
}

/**
 * Reads the notation in which database sources are told how their passwords are hashed: `plain`, `sha256`,
 * `salt,sha256` (hash of salt and password), `sha256,salt` (hash of password and salt), `bcrypt` or
 * `salt,bcrypt`, `pbkdf2,sha256,1000,20` (hash function, iterations, bytes of the key). Hash functions are
 * those of {@link DIGESTS}; md4 is none of them because OpenSSL 3 no longer has it.
 *
 * @returns an error, in words for the operator, when the text is nothing of the kind
 */
export function parsePasswordScheme(
  text: string,
): PasswordScheme | { readonly kind: 'error'; readonly error: string } {
  const parts = text.split(',').map((part) => part.trim());
  if (parts[0] === 'pbkdf2') return parsePbkdf2(parts.slice(1));
  const names = parts.filter((part) => part !== 'salt');
  const [name] = names;
  if (name === undefined || names.length > 1 || parts.length > 2) return schemeError(`"${text}"`);
  let salt: SaltPosition = 'none';
  if (parts.length === 2) salt = parts[0] === 'salt' ? 'prefix' : 'suffix';
  if (name === 'plain') return { kind: 'plain', salt };
  if (name === 'bcrypt' && salt !== 'suffix') return { kind: 'bcrypt' };
  if (isDigestName(name)) return { kind: 'digest', digest: name, salt };
  return schemeError(`"${text}"`);
}

function parsePbkdf2(parts: readonly string[]): PasswordScheme | { kind: 'error'; error: string } {
  const [digest = '', iterationsText = '', keyLengthText = '', ...rest] = parts;
  const iterations = Number(iterationsText);
  const keyLength = Number(keyLengthText);
  if (!isDigestName(digest)) return schemeError(`the hash function "${digest}" of pbkdf2`);
  if (!isCount(iterations, MAX_ITERATIONS)) return schemeError(`"${iterationsText}" iterations`);
  if (!isCount(keyLength, MAX_KEY_LENGTH) || rest.length > 0) return schemeError('the key length');
  return { kind: 'pbkdf2', digest, iterations, keyLength };
}

function schemeError(what: string): { kind: 'error'; error: string } {
  const digests = Object.keys(DIGESTS).join(' ');
  return {
    kind: 'error',
    error: `${what} is wrong: a password hash is plain, bcrypt, <f>, "salt,<f>", "<f>,salt" or "pbkdf2,<f>,<iterations>,<bytes>" with <f> one of ${digests}`,
  };
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}

/** Schemes made to take long: passwords are checked off the event loop, see `PasswordChecker`. */
export type SlowScheme = Extract<PasswordScheme, { kind: 'pbkdf2' | 'bcrypt' | 'scrypt' }>;
export type FastScheme = Exclude<PasswordScheme, SlowScheme>;

export function isSlow(scheme: PasswordScheme): scheme is SlowScheme {
  return scheme.kind !== 'plain' && scheme.kind !== 'digest';
}

/**
 * Whether `password` is the one stored. Compares in constant time; a stored hash that is none (not hex, wrong
 * length) fits no password.
 */
export function verifyFast(scheme: FastScheme, stored: StoredPassword, password: Buffer): boolean {
  const bytes = salted(scheme.salt, stored.salt, password);
  if (scheme.kind === 'plain') return sameText(bytes, Buffer.from(stored.hash));
  return sameHash(digestOf(scheme.digest, bytes), stored.hash);
}

/** As {@link verifyFast}, off the event loop. */
export async function verifySlow(
  scheme: SlowScheme,
  stored: StoredPassword,
  password: Buffer,
): Promise<boolean> {
  if (scheme.kind === 'bcrypt') return compareBcrypt(password, stored.hash.replace(/^\$2y\$/, '$2b$'));
  return sameHash(await deriveKey(scheme, stored.salt, password), stored.hash);
}

/** The key that PBKDF2 or scrypt makes of a password, computed off the event loop. */
export function deriveKey(
  scheme: Exclude<SlowScheme, { kind: 'bcrypt' }>,
  salt: Buffer,
  password: Buffer,
): Promise<Buffer> {
  if (scheme.kind === 'pbkdf2') {
    const { openssl } = DIGESTS[scheme.digest];
    return pbkdf2Async(password, salt, scheme.iterations, scheme.keyLength, openssl);
  }
  const { ln, r, p } = scheme.cost;
  const N = 2 ** ln;
  return scryptAsync(password, salt, scheme.keyLength, { N, r, p, maxmem: 2 * scryptMemory(scheme.cost) });
}

/** Bytes that scrypt needs, RFC 7914 §6. */
export function scryptMemory({ ln, r, p }: ScryptCost): number {
  return 128 * r * (2 ** ln + p);
}

function digestOf(name: DigestName, bytes: Buffer): Buffer {
  return createHash(DIGESTS[name].openssl).update(bytes).digest();
}

function salted(position: SaltPosition, salt: Buffer, password: Buffer): Buffer {
  if (position === 'none') return password;
  return position === 'prefix' ? Buffer.concat([salt, password]) : Buffer.concat([password, salt]);
}

/** Compares hashes of the texts, so that the time tells nothing of the length either. */
function sameText(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(digestOf('sha256', a), digestOf('sha256', b));
}

function sameHash(computed: Buffer, storedHex: string): boolean {
  if (storedHex.length !== computed.length * 2) return false;
  const stored = Buffer.from(storedHex, 'hex');
  return stored.length === computed.length && timingSafeEqual(computed, stored);
}
