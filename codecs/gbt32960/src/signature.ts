import { byte, type Shape, word } from '@portico/record';
import { hex, hexSizeOf } from './fields.js';

/** What signs the bytes before it (GB/T 32960.3-2025 §7.2.2); types are 1 SM2, 2 RSA, 3 ECC. */
export const SIGNATURE = {
  SignatureType: byte,
  RLength: hexSizeOf('RValue', word),
  RValue: hex('RLength'),
  SLength: hexSizeOf('SValue', word),
  SValue: hex('SLength'),
} satisfies Shape;
