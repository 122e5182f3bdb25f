/** Major types, RFC 8949 §3.1. */
export const Major = {
  Unsigned: 0,
  Negative: 1,
  Bytes: 2,
  Text: 3,
  Array: 4,
  Map: 5,
  Tag: 6,
  Simple: 7,
} as const;
export type Major = (typeof Major)[keyof typeof Major];

/** Additional information of the initial byte, RFC 8949 §3: the argument follows in so many bytes. */
export const Info = { One: 24, Two: 25, Four: 26, Eight: 27, Indefinite: 31 } as const;

/** Simple values with a meaning, RFC 8949 §3.3 table 4. */
export const SimpleNumber = { False: 20, True: 21, Null: 22, Undefined: 23 } as const;

/** The byte that ends an item of indefinite length, RFC 8949 §3.2.1. */
export const BREAK = 0xff;
