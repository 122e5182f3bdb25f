import { createECDH, createHash, ECDH } from 'node:crypto';

/*
 * SM2 (GB/T 32918), which node:crypto has the curve of, but neither decryption nor signatures with the identity that
 * everybody uses. Points are 65 bytes: 4, x and y; numbers have 32.
 */

const CURVE = 'SM2';
const SIZE = 32;
/** The first byte of a point. */
const UNCOMPRESSED = 4;
const POINT_SIZE = 1 + 2 * SIZE;

/** The field and the order of the curve (GB/T 32918.5). */
const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
/** Its coefficients a and b, and its base point. */
const PARAMETERS = Buffer.from(
  [
    'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc',
    '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93',
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7',
    'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
  ].join(''),
  'hex',
);
/** The identity of who signs unless both sides know another one (GM/T 0009 §10). */
const IDENTITY = Buffer.from('1234567812345678');

function sm3(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sm3');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function bytesOf(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(2 * SIZE, '0'), 'hex');
}

/**
 * A point so many times; which of the two that have its x, ECDH does not tell.
 * @throws Error when the number or the point is none
 */
function products(times: Buffer, point: Buffer): readonly [Buffer, Buffer] {
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(times);
  const x = ecdh.computeSecret(point);
  return [pointAt(2, x), pointAt(3, x)];
}

/** @param sign 2 for the point whose y is even, 3 for the other */
function pointAt(sign: 2 | 3, x: Buffer): Buffer {
  const compressed = Buffer.concat([Buffer.of(sign), x]);
  return ECDH.convertKey(compressed, CURVE, undefined, undefined, 'uncompressed') as Buffer;
}

/**
 * Decrypts by SM2 (GB/T 32918.4 §7.1). What is encrypted is a point, a checksum and the bytes; the checksum may stand
 * behind them, as in the edition of 2010.
 * @param privateKey 32 bytes
 * @returns undefined when it is not encrypted for this key
 */
export function sm2Decrypt(privateKey: Buffer, encrypted: Buffer): Buffer | undefined {
  const rest = encrypted.subarray(POINT_SIZE);
  if (encrypted[0] !== UNCOMPRESSED || rest.length < SIZE) return undefined;
  const textSize = rest.length - SIZE;
  try {
    for (const shared of products(privateKey, encrypted.subarray(0, POINT_SIZE))) {
      const plain =
        opened(shared, rest.subarray(SIZE), rest.subarray(0, SIZE)) ??
        opened(shared, rest.subarray(0, textSize), rest.subarray(textSize));
      if (plain !== undefined) return plain;
    }
  } catch {
    // Its point is none of the curve.
  }
  return undefined;
}

/** @returns undefined when the checksum says that the point is another one */
function opened(shared: Buffer, text: Buffer, check: Buffer): Buffer | undefined {
  const x = shared.subarray(1, 1 + SIZE);
  const y = shared.subarray(1 + SIZE);
  const plain = Buffer.alloc(text.length);
  const counter = Buffer.alloc(4);
  for (let start = 0; start < text.length; start += SIZE) {
    counter.writeUInt32BE(start / SIZE + 1);
    const mask = sm3(x, y, counter);
    const end = Math.min(start + SIZE, text.length);
    for (let at = start; at < end; at++) plain[at] = (text[at] as number) ^ (mask[at - start] as number);
  }
  return sm3(x, plain, y).equals(check) ? plain : undefined;
}

/**
 * Verifies a signature by SM2 (GB/T 32918.2 §7.1).
 * @param publicKey a point
 * @param r, s 32 bytes
 */
export function sm2Verify(publicKey: Buffer, message: Buffer, r: Buffer, s: Buffer): boolean {
  const [rNumber, sNumber] = [numberOf(r), numberOf(s)];
  try {
    const x = xOfSum(timesBase(s), times((rNumber + sNumber) % N, publicKey));
    return (numberOf(digestOf(publicKey, message)) + x) % N === rNumber;
  } catch {
    return false; // s, or the sum of both, is 0, or s is above the order; r cannot be, as it is compared below it.
  }
}

/** What is signed: who signs, and the message. */
function digestOf(publicKey: Buffer, message: Buffer): Buffer {
  const bits = Buffer.alloc(2);
  bits.writeUInt16BE(8 * IDENTITY.length);
  return sm3(sm3(bits, IDENTITY, PARAMETERS, publicKey.subarray(1)), message);
}

function timesBase(number: Buffer): Buffer {
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(number);
  return ecdh.getPublicKey();
}

/** The one of two {@link products} that is meant: with the point added, it is the next one. */
function times(number: bigint, point: Buffer): Buffer {
  const [one, other] = products(bytesOf(number), point);
  const [next] = products(bytesOf(number + 1n), point);
  return xOfSum(one, point) === numberOf(next.subarray(1, 1 + SIZE)) ? one : other;
}

/** x of the sum of two points. @throws Error when their x is the same: signatures are not made so */
function xOfSum(one: Buffer, other: Buffer): bigint {
  const [x1, y1] = coordinates(one);
  const [x2, y2] = coordinates(other);
  if (x1 === x2) throw new Error('these points have no sum here');
  const slope = modulo((y2 - y1) * inverse(modulo(x2 - x1)));
  return modulo(slope * slope - x1 - x2);
}

function coordinates(point: Buffer): readonly [bigint, bigint] {
  return [numberOf(point.subarray(1, 1 + SIZE)), numberOf(point.subarray(1 + SIZE))];
}

function modulo(number: bigint): bigint {
  const rest = number % P;
  return rest < 0n ? rest + P : rest;
}

/** By the extended algorithm of Euclid. */
function inverse(number: bigint): bigint {
  let [remainder, next] = [P, number];
  let [coefficient, nextCoefficient] = [0n, 1n];
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [coefficient, nextCoefficient] = [nextCoefficient, coefficient - quotient * nextCoefficient];
  }
  return modulo(coefficient);
}
