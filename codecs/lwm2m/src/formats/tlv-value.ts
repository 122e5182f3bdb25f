/** Values as TLV has them, LwM2M 1.1.1 Core appendix C: integers and floats in network byte order. */

import { isUtf8 } from 'node:buffer';
import type { ResourceType } from '../model/types.js';
import { exactInteger, type Lwm2mValue, type ObjectLink, typeOfValue } from '../value.js';

/**
 * @param bytes borrowed
 * @returns undefined when they are no value of the type, or it is not known (`none`)
 */
export function valueOfBytes(type: ResourceType, bytes: Buffer): Lwm2mValue | undefined {
  switch (type) {
    case 'string':
    case 'corelnk':
      return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
    case 'integer':
    case 'time':
      return readInteger(bytes);
    case 'unsigned':
      return readUnsigned(bytes);
    case 'float':
      return readFloat(bytes);
    case 'boolean':
      return bytes.length === 1 && bytes.readUInt8() <= 1 ? bytes.readUInt8() === 1 : undefined;
    case 'opaque':
      return Buffer.from(bytes);
    case 'objlnk':
      return readLink(bytes);
    case 'none':
      return undefined;
  }
}

function readInteger(bytes: Buffer): number | bigint | undefined {
  switch (bytes.length) {
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readInt16BE();
    case 4:
      return bytes.readInt32BE();
    case 8:
      return exactInteger(bytes.readBigInt64BE());
    default:
      return undefined;
  }
}

function readUnsigned(bytes: Buffer): number | bigint | undefined {
  switch (bytes.length) {
    case 1:
      return bytes.readUInt8();
    case 2:
      return bytes.readUInt16BE();
    case 4:
      return bytes.readUInt32BE();
    case 8:
      return exactInteger(bytes.readBigUInt64BE());
    default:
      return undefined;
  }
}

function readFloat(bytes: Buffer): number | undefined {
  if (bytes.length === 4) return bytes.readFloatBE();
  return bytes.length === 8 ? bytes.readDoubleBE() : undefined;
}

function readLink(bytes: Buffer): ObjectLink | undefined {
  if (bytes.length !== 4) return undefined;
  return { object: bytes.readUInt16BE(0), instance: bytes.readUInt16BE(2) };
}

/** @param value one of the type, as `fitValue` gives it; of type `none` it speaks for itself */
export function bytesOfValue(type: ResourceType, value: Lwm2mValue): Buffer {
  if (type === 'none') return bytesOfValue(typeOfValue(value), value);
  switch (typeof value) {
    case 'string':
      return Buffer.from(value, 'utf8');
    case 'boolean':
      return Buffer.of(value ? 1 : 0);
    case 'object':
      return Buffer.isBuffer(value) ? value : linkBytes(value);
    default:
      return type === 'float' ? doubleBytes(Number(value)) : integerBytes(value, type !== 'unsigned');
  }
}

function linkBytes(link: ObjectLink): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt16BE(link.object, 0);
  bytes.writeUInt16BE(link.instance, 2);
  return bytes;
}

/** Always eight bytes: a float of four would lose digits of what was written. */
function doubleBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** In the least of 1, 2, 4 and 8 bytes. */
function integerBytes(value: number | bigint, signed: boolean): Buffer {
  const size = integerSize(value, signed);
  const bytes = Buffer.allocUnsafe(size);
  if (size === 8) bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)));
  else if (signed) bytes.writeIntBE(Number(value), 0, size);
  else bytes.writeUIntBE(Number(value), 0, size);
  return bytes;
}

function integerSize(value: number | bigint, signed: boolean): number {
  for (const size of [1, 2, 4]) {
    const limit = 2 ** (8 * size - (signed ? 1 : 0));
    if (value < limit && (!signed || value >= -limit)) return size;
  }
  return 8;
}
