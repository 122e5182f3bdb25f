import { BufferSink, type ByteSink } from '@portico/frame';
import { Reader } from './reader.js';

/** One part of a message, read and written: the presentation language of RFC 5246 §4. */
export interface Field<T> {
  /** @throws FrameError when the bytes are no such part */
  read(reader: Reader): T;
  write(sink: ByteSink, value: T): void;
}

/** The type of what a field holds. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;

/** Bounds of a vector in bytes, as `<min..max>` of RFC 5246 §4.3. */
export interface VectorBounds {
  readonly min: number;
  readonly max: number;
}

export const uint8 = uint(1);
export const uint16 = uint(2);

/** The rest of what there is, as it is. */
export const rest: Field<Buffer> = {
  read: (reader) => reader.bytes(reader.left),
  write: putBytes,
};

/** No bytes. */
export const nothing: Field<undefined> = { read: () => undefined, write: () => {} };

/** No bytes either: that it is there says it. */
export const flag: Field<true> = { read: () => true, write: () => {} };

/** `length` bytes. */
export function opaque(length: number): Field<Buffer> {
  return { read: (reader) => reader.bytes(length), write: putBytes };
}

/** Bytes behind their length. */
export function opaqueVector(bounds: VectorBounds): Field<Buffer> {
  return vectorOf(rest, bounds);
}

/** As many `item`s as fit behind their length in bytes. */
export function list<T>(item: Field<T>, bounds: VectorBounds): Field<readonly T[]> {
  return vectorOf(
    {
      read(reader) {
        const items: T[] = [];
        while (reader.left > 0) items.push(item.read(reader));
        return items;
      },
      write(sink, items) {
        for (const one of items) item.write(sink, one);
      },
    },
    bounds,
  );
}

/** `content` behind its length in bytes, which it has to fill. */
export function vectorOf<T>(content: Field<T>, { min, max }: VectorBounds): Field<T> {
  const lengthSize = max < 2 ** 8 ? 1 : max < 2 ** 16 ? 2 : 3;
  return {
    read(reader) {
      const length = reader.uint(lengthSize);
      if (length < min || length > max) reader.refuse('decode_error', `a vector of ${length} bytes`);
      const part = reader.part(length);
      const value = content.read(part);
      if (part.left > 0) part.refuse('decode_error', `${part.left} bytes too many in a vector`);
      return value;
    },
    write(sink, value) {
      const inner = new BufferSink();
      content.write(inner, value);
      putUint(sink, inner.length, lengthSize);
      putBytes(sink, inner.take());
    },
  };
}

/** Fields in their order. */
export function struct<T extends Record<string, unknown>>(
  fields: {
    readonly [K in keyof T]: Field<T[K]>;
  },
): Field<Readonly<T>> {
  const names = Object.keys(fields) as (keyof T)[];
  return {
    read(reader) {
      const value: Partial<T> = {};
      for (const name of names) value[name] = fields[name].read(reader);
      return value as T;
    },
    write(sink, value) {
      for (const name of names) fields[name].write(sink, value[name]);
    },
  };
}

/** The bytes of a value. */
export function encodeField<T>(field: Field<T>, value: T): Buffer {
  const sink = new BufferSink();
  field.write(sink, value);
  return sink.take();
}

/** @throws FrameError unless `bytes` are the field and nothing more */
export function decodeField<T>(field: Field<T>, bytes: Buffer): T {
  const reader = new Reader(bytes);
  const value = field.read(reader);
  if (reader.left > 0) reader.refuse('decode_error', `${reader.left} bytes too many`);
  return value;
}

function uint(size: number): Field<number> {
  return {
    read: (reader) => reader.uint(size),
    write: (sink, value) => putUint(sink, value, size),
  };
}

function putUint(sink: ByteSink, value: number, size: number): void {
  const at = sink.reserve(size);
  sink.buffer.writeUIntBE(value, at, size);
}

function putBytes(sink: ByteSink, bytes: Buffer): void {
  const at = sink.reserve(bytes.length);
  bytes.copy(sink.buffer, at);
}
