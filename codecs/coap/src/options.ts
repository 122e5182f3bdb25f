import { isUtf8 } from 'node:buffer';
import { type CoapMessage, NO_BYTES } from './message.js';
import { CoapOption } from './option.js';

/** How an option's value is read, RFC 7252 §3.2. */
export type OptionFormat = 'empty' | 'opaque' | 'uint' | 'string';

/** One row of the registry of option numbers, RFC 7252 §12.2. */
export interface OptionDefinition {
  readonly number: number;
  readonly name: string;
  readonly format: OptionFormat;
  /** Bytes. */
  readonly minLength: number;
  /** Bytes. */
  readonly maxLength: number;
  /** Whether it may occur more than once in a message, RFC 7252 §5.4.5. */
  readonly repeatable: boolean;
  /** The document that defines it. */
  readonly source: string;
}

type Row = readonly [
  number: number,
  name: string,
  format: OptionFormat,
  minLength: number,
  maxLength: number,
  repeatable: boolean,
  source: string,
];

const ROWS: readonly Row[] = [
  [1, 'If-Match', 'opaque', 0, 8, true, 'RFC 7252 §5.10.8.1'],
  [3, 'Uri-Host', 'string', 1, 255, false, 'RFC 7252 §5.10.1'],
  [4, 'ETag', 'opaque', 1, 8, true, 'RFC 7252 §5.10.6'],
  [5, 'If-None-Match', 'empty', 0, 0, false, 'RFC 7252 §5.10.8.2'],
  [6, 'Observe', 'uint', 0, 3, false, 'RFC 7641 §2'],
  [7, 'Uri-Port', 'uint', 0, 2, false, 'RFC 7252 §5.10.1'],
  [8, 'Location-Path', 'string', 0, 255, true, 'RFC 7252 §5.10.7'],
  [9, 'OSCORE', 'opaque', 0, 255, false, 'RFC 8613 §2'],
  [11, 'Uri-Path', 'string', 0, 255, true, 'RFC 7252 §5.10.1'],
  [12, 'Content-Format', 'uint', 0, 2, false, 'RFC 7252 §5.10.3'],
  [14, 'Max-Age', 'uint', 0, 4, false, 'RFC 7252 §5.10.5'],
  [15, 'Uri-Query', 'string', 0, 255, true, 'RFC 7252 §5.10.1'],
  [16, 'Hop-Limit', 'uint', 1, 1, false, 'RFC 8768 §3'],
  [17, 'Accept', 'uint', 0, 2, false, 'RFC 7252 §5.10.4'],
  [19, 'Q-Block1', 'uint', 0, 3, false, 'RFC 9177 §4.1'],
  [20, 'Location-Query', 'string', 0, 255, true, 'RFC 7252 §5.10.7'],
  [21, 'EDHOC', 'empty', 0, 0, false, 'RFC 9668 §3.1'],
  [23, 'Block2', 'uint', 0, 3, false, 'RFC 7959 §2.1'],
  [27, 'Block1', 'uint', 0, 3, false, 'RFC 7959 §2.1'],
  [28, 'Size2', 'uint', 0, 4, false, 'RFC 7959 §4'],
  [31, 'Q-Block2', 'uint', 0, 3, true, 'RFC 9177 §4.1'],
  [35, 'Proxy-Uri', 'string', 1, 1034, false, 'RFC 7252 §5.10.2'],
  [39, 'Proxy-Scheme', 'string', 1, 255, false, 'RFC 7252 §5.10.2'],
  [60, 'Size1', 'uint', 0, 4, false, 'RFC 7252 §5.10.9'],
  [252, 'Echo', 'opaque', 1, 40, false, 'RFC 9175 §2.2'],
  [258, 'No-Response', 'uint', 0, 1, false, 'RFC 7967 §2'],
  [292, 'Request-Tag', 'opaque', 0, 8, true, 'RFC 9175 §3.2'],
];

/** All registered options that the codec knows by name, by ascending number. */
export const OPTIONS: readonly OptionDefinition[] = ROWS.map(
  ([number, name, format, minLength, maxLength, repeatable, source]) => ({
    number,
    name,
    format,
    minLength,
    maxLength,
    repeatable,
    source,
  }),
);

const BY_NUMBER: ReadonlyMap<number, OptionDefinition> = new Map(
  OPTIONS.map((definition) => [definition.number, definition]),
);

/** Numbers of the options that programs name. */
export const OptionNumber = {
  IfMatch: 1,
  UriHost: 3,
  ETag: 4,
  IfNoneMatch: 5,
  Observe: 6,
  UriPort: 7,
  LocationPath: 8,
  UriPath: 11,
  ContentFormat: 12,
  MaxAge: 14,
  UriQuery: 15,
  HopLimit: 16,
  Accept: 17,
  LocationQuery: 20,
  Block2: 23,
  Block1: 27,
  Size2: 28,
  ProxyUri: 35,
  ProxyScheme: 39,
  Size1: 60,
  Echo: 252,
  NoResponse: 258,
  RequestTag: 292,
} as const;

/** The registry's row for a number; undefined for one the codec does not know. */
export function optionDefinition(number: number): OptionDefinition | undefined {
  return BY_NUMBER.get(number);
}

/** Whoever does not understand it must refuse the message, RFC 7252 §5.4.1. */
export function isCritical(number: number): boolean {
  return (number & 1) === 1;
}

/**
 * Whether a value is shorter or longer than its definition allows. A receiver treats such an option as one it
 * does not know (RFC 7252 §5.4.3).
 */
export function isMalformed(option: CoapOption, definition: OptionDefinition): boolean {
  return option.length < definition.minLength || option.length > definition.maxLength;
}

/** The value of a string option; undefined when it is not UTF-8. */
export function validText(option: CoapOption): string | undefined {
  const text = option.text;
  return text.includes('\ufffd') && !isUtf8(option.value) ? undefined : text;
}

/** Opaque option. */
export function opaqueOption(number: number, value: Buffer): CoapOption {
  return CoapOption.of(number, value);
}

/** String option, as UTF-8. */
export function stringOption(number: number, text: string): CoapOption {
  return CoapOption.of(number, Buffer.from(text, 'utf8'));
}

/**
 * Unsigned integer option in the shortest form, RFC 7252 §3.2.
 * @param value 0 to 2^32 - 1
 */
export function uintOption(number: number, value: number): CoapOption {
  return CoapOption.of(number, encodeUint(value));
}

function encodeUint(value: number): Buffer {
  if (value === 0) return NO_BYTES;
  let length = 1;
  while (length < 4 && value >= 2 ** (8 * length)) length++;
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

/** The first option of that number. */
export function findOption(message: CoapMessage, number: number): CoapOption | undefined {
  for (const option of message.options) {
    if (option.number === number) return option;
    if (option.number > number) return undefined;
  }
  return undefined;
}

/** All options of that number as text, in order. */
export function stringsOf(message: CoapMessage, number: number): string[] {
  const texts: string[] = [];
  for (const option of message.options) {
    if (option.number === number) texts.push(option.text);
  }
  return texts;
}
