import { GBK, RecordError, type TextCodec } from '@portico/record';
import { encodeBody } from './body.js';
import type { Edition } from './editions.js';
import { delimited } from './escaping.js';
import { type HeaderFields, headerSize, MAX_BODY_LENGTH, writeHeader } from './header.js';

/** A message as it stands in JSON. */
export interface Jt808Message {
  readonly header: {
    readonly msg_id: number;
    /** With fewer digits than the header has, zeros are put before it. */
    readonly phone: string;
    /** Of the first frame; the others have those behind it. */
    readonly msg_sn: number;
    /** 0 unless given; see {@link EncodeOptions.encrypt}. */
    readonly encrypt?: number;
    /** Makes the header, and the body, those of 2019. */
    readonly proto_ver?: number;
  };
  /** May be missing where the message has no fields. */
  readonly body?: unknown;
}

export interface EncodeOptions {
  /** What the terminal speaks; 2019 where the header has a version, else 2013, unless given. */
  readonly edition?: Edition;
  /** How text stands in bodies; GBK unless given. */
  readonly text?: TextCodec;
  /**
   * Encrypts the body of a message whose header says that it is encrypted. Unless given, such a body is its bytes in
   * base64, as `data`.
   */
  readonly encrypt?: (plain: Buffer) => Buffer;
  /** Bytes of the body of one frame, 1 to 1,023; 1,023 unless given. Longer bodies are sent in parts. */
  readonly maxBodyLength?: number;
}

/** The version of the header in the edition of 2019. */
const PROTO_VER_2019 = 1;
const MAX_PARTS = 65_535;
/**
 * Encodes a message.
 * @returns its frames, in memory of their own: one, or as many as the body needs, with serial numbers one after the other
 * @throws RecordError when the message lacks something, or has what cannot be written; its path tells which
 */
export function encodeMessage(message: Jt808Message, options: EncodeOptions = {}): Buffer[] {
  const { maxBodyLength = MAX_BODY_LENGTH, text = GBK } = options;
  const edition = options.edition ?? (message.header.proto_ver === undefined ? 2013 : 2019);
  const header = headerOf(message.header, edition);
  const room = headerSize(header);
  const isOpaque = header.encrypt !== 0 && options.encrypt === undefined;
  const plain = encodeBody(header.msg_id, message.body, { edition, text, isOpaque }, room);
  if (header.encrypt !== 0 && options.encrypt !== undefined) {
    return framesOf(header, options.encrypt(plain.written.subarray(room)), maxBodyLength);
  }
  const length = plain.length - room;
  if (length > maxBodyLength) return partsOf(header, plain.written.subarray(room), maxBodyLength);
  writeHeader(header, length, plain.bytes);
  return [delimited(plain.bytes, plain.length)];
}

function framesOf(header: HeaderFields, body: Buffer, maxBodyLength: number): Buffer[] {
  if (body.length > maxBodyLength) return partsOf(header, body, maxBodyLength);
  const plain = Buffer.concat([Buffer.alloc(headerSize(header)), body]);
  writeHeader(header, body.length, plain);
  return [delimited(plain, plain.length)];
}

function partsOf(header: HeaderFields, body: Buffer, maxBodyLength: number): Buffer[] {
  const total = Math.ceil(body.length / maxBodyLength);
  if (total > MAX_PARTS) throw new RecordError('body', `${total} parts are too many`);
  return Array.from({ length: total }, (_, index) => {
    const start = index * maxBodyLength;
    const bytes = body.subarray(start, start + maxBodyLength);
    const part = { number: index + 1, total };
    const plain = Buffer.allocUnsafe(headerSize(header, part) + bytes.length);
    bytes.copy(plain, plain.length - bytes.length);
    writeHeader({ ...header, msg_sn: (header.msg_sn + index) & 0xffff }, bytes.length, plain, part);
    return delimited(plain, plain.length);
  });
}

/** @throws RecordError */
function headerOf(header: Jt808Message['header'], edition: Edition): HeaderFields {
  const { msg_id, phone, msg_sn, encrypt = 0, proto_ver = PROTO_VER_2019 } = header;
  expectInteger('msg_id', msg_id, 0xffff);
  expectInteger('msg_sn', msg_sn, 0xffff);
  expectInteger('encrypt', encrypt, 7);
  expectInteger('proto_ver', proto_ver, 0xff);
  return { msg_id, encrypt, proto_ver: edition === 2019 ? proto_ver : undefined, phone, msg_sn };
}

function expectInteger(name: string, value: unknown, maximum: number): void {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > maximum) {
    throw new RecordError(`header.${name}`, `an integer from 0 to ${maximum} is needed`);
  }
}
