import { byte, type Shape, word } from '@portico/record';
import { hex, hexSizeOf } from './fields.js';
import { Command } from './frame.js';

/** What signs (GB/T 32960.3-2025 table 8). */
export const SignatureType = { Sm2: 1, Rsa: 2, Ecc: 3 } as const;
export type SignatureType = (typeof SignatureType)[keyof typeof SignatureType];

/** What signs the bytes before it (GB/T 32960.3-2025 §7.2.2). */
export const SIGNATURE = {
  SignatureType: byte,
  RLength: hexSizeOf('RValue', word),
  RValue: hex('RLength'),
  SLength: hexSizeOf('SValue', word),
  SValue: hex('SLength'),
} satisfies Shape;

/** The type of information that it is in a report. */
export const SIGNATURE_INFO = 0xff;
/** Bytes of a signature in a report beside both its values: type of information, type of signature, two lengths. */
const OVERHEAD = 6;

/**
 * Where a signature begins that goes exactly to the end.
 * @param from from where it may begin
 */
export function findSignature(bytes: Buffer, from: number, end: number): number | undefined {
  for (let at = from; at + OVERHEAD <= end; at++) {
    if (bytes[at] === SIGNATURE_INFO && signatureEnd(bytes, at, end) === end) return at;
  }
  return undefined;
}

/** Where a signature ends that would begin there. */
function signatureEnd(bytes: Buffer, start: number, end: number): number | undefined {
  const type = bytes[start + 1] as number;
  if (type < SignatureType.Sm2 || type > SignatureType.Ecc) return undefined;
  const sLengthAt = start + 4 + bytes.readUInt16BE(start + 2);
  return sLengthAt + 2 > end ? undefined : sLengthAt + 2 + bytes.readUInt16BE(sLengthAt);
}

/** The signature of a message. */
export interface Signature {
  /** Those with a meaning are in {@link SignatureType}. */
  readonly type: number;
  /** Of RSA the whole signature. */
  readonly r: Buffer;
  /** Of RSA nothing. */
  readonly s: Buffer;
  /** How many bytes it signs, from the first one of the data. */
  readonly covered: number;
}

/**
 * The signature that ends the data of a message.
 * @param data as decoded
 * @param size bytes that they have
 * @returns undefined where there is none
 */
export function signatureOf(
  command: number,
  data: Readonly<Record<string, unknown>>,
  size: number,
): Signature | undefined {
  const isActivation = command === Command.Activation;
  const found = isActivation ? data.Signature : lastInfo(data.Infos);
  const { SignatureType: type, RValue, SValue } = (found ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof type !== 'number' || typeof RValue !== 'string' || typeof SValue !== 'string') return undefined;
  const r = Buffer.from(RValue, 'hex');
  const s = Buffer.from(SValue, 'hex');
  const overhead = isActivation ? OVERHEAD - 1 : OVERHEAD;
  return { type, r, s, covered: size - overhead - r.length - s.length };
}

function lastInfo(infos: unknown): unknown {
  return Array.isArray(infos) ? infos.at(-1) : undefined;
}
