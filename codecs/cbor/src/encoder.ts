import { BufferSink } from '@portico/frame';
import { toHalf } from './half-float.js';
import { Info, Major, SimpleNumber } from './major-types.js';
import { CborSimple, CborTag, type CborValue } from './value.js';

const MAX_ARGUMENT = 2n ** 64n;

/**
 * A data item in its shortest form with definite lengths (preferred serialization, RFC 8949 §4.1). Pairs of maps
 * keep their order.
 * @throws RangeError for a bigint beyond 64 bits
 */
export function encode(value: CborValue): Buffer {
  const sink = new BufferSink(64);
  write(sink, value);
  return sink.take();
}

function write(sink: BufferSink, value: CborValue): void {
  if (typeof value === 'number') writeNumber(sink, value);
  else if (typeof value === 'bigint') writeBigint(sink, value);
  else if (typeof value === 'string') writeString(sink, Major.Text, Buffer.from(value, 'utf8'));
  else if (typeof value === 'boolean') writeSimple(sink, value ? SimpleNumber.True : SimpleNumber.False);
  else if (value === undefined) writeSimple(sink, SimpleNumber.Undefined);
  else if (value === null) writeSimple(sink, SimpleNumber.Null);
  else writeObject(sink, value);
}

function writeSimple(sink: BufferSink, value: number): void {
  writeHead(sink, Major.Simple, value);
}

function writeObject(sink: BufferSink, value: Extract<CborValue, object>): void {
  if (Buffer.isBuffer(value)) writeString(sink, Major.Bytes, value);
  else if (value instanceof CborTag) {
    writeHead(sink, Major.Tag, value.tag);
    write(sink, value.value);
  } else if (value instanceof CborSimple) writeSimple(sink, value.value);
  else if (value instanceof Map) {
    writeHead(sink, Major.Map, value.size);
    for (const [key, item] of value) {
      write(sink, key);
      write(sink, item);
    }
  } else if (Array.isArray(value)) {
    writeHead(sink, Major.Array, value.length);
    for (const item of value) write(sink, item);
  }
}

function writeString(sink: BufferSink, major: Major, bytes: Buffer): void {
  writeHead(sink, major, bytes.length);
  const at = sink.reserve(bytes.length);
  bytes.copy(sink.buffer, at);
}

function writeBigint(sink: BufferSink, value: bigint): void {
  const [major, argument] = value < 0n ? [Major.Negative, -1n - value] : [Major.Unsigned, value];
  if (argument >= MAX_ARGUMENT) throw new RangeError('an integer of CBOR has 64 bits');
  writeHead(sink, major, argument);
}

function writeNumber(sink: BufferSink, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) writeFloat(sink, value);
  else if (value < 0) writeHead(sink, Major.Negative, -1 - value);
  else writeHead(sink, Major.Unsigned, value);
}

/** In the shortest of the three forms that holds the number, RFC 8949 §4.1. */
function writeFloat(sink: BufferSink, value: number): void {
  const half = toHalf(value);
  if (half !== undefined) {
    const at = sink.reserve(3);
    sink.buffer[at] = initialByte(Major.Simple, Info.Two);
    sink.buffer.writeUInt16BE(half, at + 1);
  } else if (Math.fround(value) === value) {
    const at = sink.reserve(5);
    sink.buffer[at] = initialByte(Major.Simple, Info.Four);
    sink.buffer.writeFloatBE(value, at + 1);
  } else {
    const at = sink.reserve(9);
    sink.buffer[at] = initialByte(Major.Simple, Info.Eight);
    sink.buffer.writeDoubleBE(value, at + 1);
  }
}

/** Initial byte and argument, RFC 8949 §3. @param argument 0 to 2^64 - 1 */
function writeHead(sink: BufferSink, major: Major, argument: number | bigint): void {
  if (argument < Info.One) {
    const at = sink.reserve(1);
    sink.buffer[at] = initialByte(major, Number(argument));
  } else if (argument < 2 ** 8) writeArgument(sink, major, Info.One, 1, Number(argument));
  else if (argument < 2 ** 16) writeArgument(sink, major, Info.Two, 2, Number(argument));
  else if (argument < 2 ** 32) writeArgument(sink, major, Info.Four, 4, Number(argument));
  else {
    const at = sink.reserve(9);
    sink.buffer[at] = initialByte(major, Info.Eight);
    sink.buffer.writeBigUInt64BE(BigInt(argument), at + 1);
  }
}

function writeArgument(sink: BufferSink, major: Major, info: number, length: number, argument: number): void {
  const at = sink.reserve(1 + length);
  sink.buffer[at] = initialByte(major, info);
  sink.buffer.writeUIntBE(argument, at + 1, length);
}

function initialByte(major: Major, info: number): number {
  return (major << 5) | info;
}
