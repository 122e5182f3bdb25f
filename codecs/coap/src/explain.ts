import {
  type ExplainedFrame,
  explained,
  type FieldReader,
  FrameError,
  faultsOf,
  shownBytes,
  shownCode,
  shownSize,
  shownText,
} from '@portico/frame';
import { decodeBlock } from './block.js';
import { codeName, codeText } from './codes.js';
import { mediaType } from './content-formats.js';
import { decode } from './decoder.js';
import { type MessageType, typeName } from './message.js';
import { CoapOption } from './option.js';
import { isMalformed, type OptionDefinition, OptionNumber, optionDefinition } from './options.js';

/** What is known of a payload from the options before it. */
export interface PayloadContext {
  /** Content-Format; undefined where there is none. */
  readonly format: number | undefined;
  /** Segments of the Uri-Path. */
  readonly path: readonly string[];
  /** Whether it is one block of several. */
  readonly isBlock: boolean;
}

export interface ExplainOptions {
  /** Names of query parameters (`p` in `p=…`) whose values only their owners may see. */
  readonly secretQueries?: ReadonlySet<string>;
  /** Reads a payload, all that is left, by a protocol over CoAP. */
  readonly readPayload?: (reader: FieldReader, context: PayloadContext) => void;
}

/** Explains one datagram, as far as it can be read. Never throws for what a peer sends. */
export function explain(datagram: Buffer, options: ExplainOptions = {}): ExplainedFrame[] {
  const title = titleOf(datagram);
  const faults = faultsOf(decode, datagram);
  return [
    explained({ title, offset: 0, bytes: datagram, faults }, (reader) => {
      const tokenLength = readHeader(reader);
      if (tokenLength > 0) reader.data('token', tokenLength);
      const context = readOptions(reader, options.secretQueries);
      if (reader.left === 0) return;
      reader.take(1);
      reader.note('payload marker', 1, '0xff');
      (options.readPayload ?? readPlain)(reader, context);
    }),
  ];
}

function readPlain(reader: FieldReader): void {
  reader.data('payload');
}

function titleOf(datagram: Buffer): string {
  const [first, code] = datagram;
  if (first === undefined || code === undefined || first >> 6 !== 1) return 'no message';
  return `${typeName(((first >> 4) & 3) as MessageType)} ${codeName(code) ?? codeText(code)}`;
}

/** RFC 7252 §3. @returns the length of the token, at most 15 bytes */
function readHeader(reader: FieldReader): number {
  const first = reader.bytes.readUInt8(reader.take(1));
  reader.note('version', 1, String(first >> 6));
  reader.note('type', 1, typeName(((first >> 4) & 3) as MessageType));
  reader.note('token length', 1, shownSize(first & 15));
  const code = reader.bytes.readUInt8(reader.take(1));
  reader.note('code', 1, `${codeText(code)} (${codeName(code) ?? 'not registered'})`);
  reader.uint('message id', 2, (id) => `0x${id.toString(16).padStart(4, '0')}`);
  return first & 15;
}

const PAYLOAD_MARKER = 0xff;

/** Reads options up to the payload marker (RFC 7252 §3.1), or the end. */
function readOptions(reader: FieldReader, secretQueries: ReadonlySet<string> | undefined): PayloadContext {
  const path: string[] = [];
  let format: number | undefined;
  let isBlock = false;
  let number = 0;
  while (reader.left > 0 && reader.bytes[reader.at] !== PAYLOAD_MARKER) {
    const option = readOption(reader, number, secretQueries);
    number = option.number;
    if (number === OptionNumber.UriPath) path.push(option.text);
    else if (number === OptionNumber.ContentFormat) format = option.uint;
    else if (isBlockOption(number)) isBlock ||= option.uint >> 3 > 0;
  }
  return { format, path, isBlock };
}

function isBlockOption(number: number): boolean {
  return number === OptionNumber.Block1 || number === OptionNumber.Block2;
}

function readOption(
  reader: FieldReader,
  previous: number,
  secretQueries: ReadonlySet<string> | undefined,
): CoapOption {
  const start = reader.at;
  const head = reader.bytes.readUInt8(reader.take(1));
  const delta = readExtended(reader, head >> 4);
  const length = readExtended(reader, head & 15);
  const number = previous + delta;
  const definition = optionDefinition(number);
  const name = definition?.name ?? `option ${number}`;
  reader.note('option', reader.at - start, `+${delta} = ${number} (${name}), ${shownSize(length)}`);
  const valueAt = reader.take(length);
  const option = new CoapOption(number, reader.bytes, valueAt, reader.at);
  if (isSecret(option, secretQueries)) {
    reader.at = valueAt;
    reader.secret(name, length);
  } else reader.note(name, length, valueText(option, definition));
  return option;
}

/** The extended delta or length of an option, RFC 7252 §3.1. */
function readExtended(reader: FieldReader, nibble: number): number {
  if (nibble === 15) throw new FrameError('reserved', reader.at - 1, 'delta or length 15 is reserved');
  if (nibble < 13) return nibble;
  const size = nibble - 12;
  return reader.bytes.readUIntBE(reader.take(size), size) + (size === 1 ? 13 : 269);
}

function isSecret(option: CoapOption, secretQueries: ReadonlySet<string> | undefined): boolean {
  if (secretQueries === undefined || option.number !== OptionNumber.UriQuery) return false;
  const [name = ''] = option.text.split('=', 1);
  return secretQueries.has(name);
}

function valueText(option: CoapOption, definition: OptionDefinition | undefined): string {
  if (definition === undefined || isMalformed(option, definition)) return shownBytes(option.value);
  switch (definition.format) {
    case 'empty':
      return 'present';
    case 'opaque':
      return shownBytes(option.value);
    case 'string':
      return shownText(option.text);
    case 'uint':
      return uintText(option);
  }
}

function uintText({ number, uint }: CoapOption): string {
  switch (number) {
    case OptionNumber.ContentFormat:
    case OptionNumber.Accept:
      return shownCode(uint, mediaType(uint));
    case OptionNumber.Block1:
    case OptionNumber.Block2:
      return blockText(uint);
    case OptionNumber.MaxAge:
      return `${uint} s`;
    default:
      return String(uint);
  }
}

/** RFC 7959 §2.2. */
function blockText(value: number): string {
  const block = decodeBlock(value);
  if (block === undefined) return `${value} (reserved size)`;
  return `block ${block.num} of ${block.size} bytes, ${block.more ? 'more follow' : 'the last'}`;
}
