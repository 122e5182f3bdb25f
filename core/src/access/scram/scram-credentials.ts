import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { saslPrep } from './sasl-prep.js';

const pbkdf2Async = promisify(pbkdf2);

/**
 * The mechanisms by the names that clients give: OpenSSL's name of the hash function and the bytes of a hash.
 * RFC 5802, RFC 7677, draft-melnikov-scram-sha-512. None of them binds to a TLS channel (`-PLUS`).
 */
export const SCRAM_MECHANISMS = {
  'SCRAM-SHA-1': { digest: 'sha1', bytes: 20 },
  'SCRAM-SHA-256': { digest: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { digest: 'sha512', bytes: 64 },
} as const;

export type ScramMechanism = keyof typeof SCRAM_MECHANISMS;

/** As few as RFC 7677 §4 allows, which is what small devices can do. */
export const MIN_SCRAM_ITERATIONS = 4096;
/** Clients compute them all at every login: some seconds on a small device. */
export const MAX_SCRAM_ITERATIONS = 1_000_000;

/** Bytes of a salt of our own. */
export const SCRAM_SALT_LENGTH = 16;
const MIN_SALT_LENGTH = 8;
const MAX_SCRAM_SALT_LENGTH = 64;

/** What is kept of a password, RFC 5802 §3: enough to check a client, too little to be one. */
export interface ScramCredentials {
  readonly mechanism: ScramMechanism;
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** HMAC of RFC 5802 §2.2. */
export function hmac(mechanism: ScramMechanism, key: Buffer, text: string): Buffer {
  return createHmac(SCRAM_MECHANISMS[mechanism].digest, key).update(text).digest();
}

/** H of RFC 5802 §2.2. */
export function hash(mechanism: ScramMechanism, bytes: Buffer): Buffer {
  return createHash(SCRAM_MECHANISMS[mechanism].digest).update(bytes).digest();
}

/** Hi of RFC 5802 §2.2, the SaltedPassword, computed off the event loop. */
export function saltedPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<Buffer> {
  const { digest, bytes } = SCRAM_MECHANISMS[mechanism];
  return pbkdf2Async(password, salt, iterations, bytes, digest);
}

/**
 * What is to be kept of a password, with a salt of its own.
 * @param password one that SASLprep allows
 */
export async function scramCredentials(
  mechanism: ScramMechanism,
  password: string,
  iterations: number,
  salt = randomBytes(SCRAM_SALT_LENGTH),
): Promise<ScramCredentials> {
  const prepared = saslPrep(password);
  if (prepared === undefined) throw new TypeError('SASLprep allows no such password');
  const salted = await saltedPassword(mechanism, prepared, salt, iterations);
  const storedKey = hash(mechanism, hmac(mechanism, salted, 'Client Key'));
  return { mechanism, salt, iterations, storedKey, serverKey: hmac(mechanism, salted, 'Server Key') };
}

/** Where {@link parseScramCredentials} has nothing to answer. */
export interface ScramCredentialsError {
  readonly error: string;
}

const STORED_FORM = /^\$(scram-sha-(?:1|256|512))\$(\d{1,7})\$([^$]+)\$([^$]+)\$([^$]+)$/;

/**
 * Reads credentials as the configuration has them, one text:
 * `$scram-sha-256$<iterations>$<salt>$<stored key>$<server key>`, the last three in base64.
 */
export function parseScramCredentials(text: string): ScramCredentials | ScramCredentialsError {
  const match = STORED_FORM.exec(text);
  if (match === null) {
    return { error: 'a SCRAM hash is $scram-sha-256$<iterations>$<salt>$<stored key>$<server key>' };
  }
  const [, name = '', count, ...fields] = match;
  const mechanism = name.toUpperCase() as ScramMechanism;
  const iterations = Number(count);
  if (iterations < MIN_SCRAM_ITERATIONS || iterations > MAX_SCRAM_ITERATIONS) {
    return { error: `SCRAM takes ${MIN_SCRAM_ITERATIONS} to ${MAX_SCRAM_ITERATIONS} iterations` };
  }
  const [salt, storedKey, serverKey] = fields.map(decodeBase64);
  if (salt === undefined || salt.length < MIN_SALT_LENGTH || salt.length > MAX_SCRAM_SALT_LENGTH) {
    return { error: `the salt is ${MIN_SALT_LENGTH} to ${MAX_SCRAM_SALT_LENGTH} bytes in base64` };
  }
  const { bytes } = SCRAM_MECHANISMS[mechanism];
  if (storedKey?.length !== bytes || serverKey?.length !== bytes) {
    return { error: `the keys of ${mechanism} are ${bytes} bytes each, in base64` };
  }
  return { mechanism, salt, iterations, storedKey, serverKey };
}

/** The text that {@link parseScramCredentials} reads. */
export function formatScramCredentials(credentials: ScramCredentials): string {
  const { mechanism, iterations, salt, storedKey, serverKey } = credentials;
  const fields = [salt, storedKey, serverKey].map((bytes) => bytes.toString('base64'));
  return `$${mechanism.toLowerCase()}$${iterations}$${fields.join('$')}`;
}

/**
 * What a configuration keeps of a password; undefined for one that SASLprep does not allow.
 * @param iterations from {@link MIN_SCRAM_ITERATIONS} to {@link MAX_SCRAM_ITERATIONS}
 */
export async function hashScramPassword(
  mechanism: ScramMechanism,
  password: string,
  iterations: number,
): Promise<string | undefined> {
  if (saslPrep(password) === undefined) return undefined;
  return formatScramCredentials(await scramCredentials(mechanism, password, iterations));
}

/** The bytes that base64 stands for; undefined for text that is not exactly what encoding them gives, RFC 4648 §3. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
