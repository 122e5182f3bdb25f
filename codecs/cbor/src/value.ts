/**
 * What a data item is in JavaScript, RFC 8949 §2: integers beyond what a number holds exactly are a bigint, byte
 * strings a Buffer. A number that is an integer stands for one, so that the float 1.0 is read as 1.
 */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined
  | Buffer
  | readonly CborValue[]
  | CborMap
  | CborTag
  | CborSimple;

/** Pairs in the order in which they were sent. */
export type CborMap = ReadonlyMap<CborValue, CborValue>;

/** A tagged data item, RFC 8949 §3.4; tags are not interpreted. */
export class CborTag {
  /** @param tag 0 to 2^64 - 1 */
  constructor(
    readonly tag: number | bigint,
    readonly value: CborValue,
  ) {}
}

/** A simple value without a meaning of its own, RFC 8949 §3.3. */
export class CborSimple {
  /** @param value 0 to 19 or 32 to 255 */
  constructor(readonly value: number) {}
}
