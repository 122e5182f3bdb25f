/** Shared by this package's tests: vectors as they are written in `vectors/`, generators for properties. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { codeText } from './codes.js';
import type { CoapErrorCode } from './decoder.js';
import { type CoapMessage, type MessageHeader, type MessageType, typeName } from './message.js';
import { CoapOption } from './option.js';
import { optionDefinition } from './options.js';

/** An option as a vector shows it: by name and in its own format, or by number and as hex. */
export type PlainOption =
  | { readonly name: string; readonly string: string }
  | { readonly name: string; readonly uint: number }
  | { readonly name: string; readonly opaque: string }
  | { readonly number: number; readonly opaque: string };

export interface PlainMessage {
  readonly type: string;
  /** Dotted. */
  readonly code: string;
  readonly messageId: number;
  /** Hex. */
  readonly token: string;
  readonly options: readonly PlainOption[];
  /** Hex. */
  readonly payload: string;
}

export interface GoodVector {
  readonly name: string;
  readonly hex: string;
  readonly message: PlainMessage;
}

export interface BadVector {
  readonly name: string;
  readonly hex: string;
  readonly error: CoapErrorCode;
  readonly offset: number;
  readonly header: { readonly type: string; readonly messageId: number } | null;
}

/** Reads `vectors/<name>.json`. */
export function loadVectors<Vector>(name: string): readonly Vector[] {
  const file = new URL(`../vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors;
}

/** A message in the form of the vectors, for comparison. */
export function plain(message: CoapMessage): PlainMessage {
  return {
    type: typeName(message.type),
    code: codeText(message.code),
    messageId: message.messageId,
    token: message.token.toString('hex'),
    options: message.options.map(plainOption),
    payload: message.payload.toString('hex'),
  };
}

function plainOption(option: CoapOption): PlainOption {
  const definition = optionDefinition(option.number);
  const opaque = option.value.toString('hex');
  if (definition === undefined) return { number: option.number, opaque };
  const { name, format } = definition;
  if (format === 'string') return { name, string: option.text };
  return format === 'uint' ? { name, uint: option.uint } : { name, opaque };
}

/** A header in the form of the vectors. */
export function plainHeader(header: MessageHeader | undefined): BadVector['header'] {
  return header === undefined ? null : { type: typeName(header.type), messageId: header.messageId };
}

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array.buffer, array.byteOffset, array.length));

const option = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 65535 })),
    fc.oneof(bytes(16), bytes(400)),
  )
  .map(([number, value]) => CoapOption.of(number, value));

/** Any message with a code, with options of any number and length. */
export const anyMessage: fc.Arbitrary<CoapMessage> = fc.record({
  type: fc.integer({ min: 0, max: 3 }) as fc.Arbitrary<MessageType>,
  code: fc.integer({ min: 1, max: 0xbf }).filter((code) => code >> 5 !== 1),
  messageId: fc.integer({ min: 0, max: 65535 }),
  token: bytes(8),
  options: fc.array(option, { maxLength: 12 }).map(sortOptions),
  payload: bytes(80),
});

/** Options in the order in which they are sent. Those of equal number keep their order. */
export function sortOptions(options: readonly CoapOption[]): CoapOption[] {
  return options.toSorted((a, b) => a.number - b.number);
}
