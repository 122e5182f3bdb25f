import { RecordError, type TextCodec } from '@portico/record';
import { encodeBody } from './body.js';
import type { Edition } from './editions.js';
import { delimited } from './escaping.js';
import { GBK } from './gbk.js';
import { type HeaderFields, MAX_BODY_LENGTH, phoneDigits, writeHeader } from './header.js';

/** A message as it stands in JSON. */
export interface Jt808Message {
  readonly header: {
    readonly msg_id: number;
    /** With fewer digits than the header has, zeros are put before it. */
    readonly phone: string;
    /** Of the first frame; the others have those behind it. */
    readonly msg_sn: number;
    /** 0 unless given. The body of an encrypted message is its bytes in base64, as `data`. */
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
  /** Bytes of the body of one frame, 1 to 1,023; 1,023 unless given. Longer bodies are sent in parts. */
  readonly maxBodyLength?: number;
}

/** The version of the header in the edition of 2019. */
const PROTO_VER_2019 = 1;
const MAX_PARTS = 65_535;
const MAX_HEADER = 21;

/** A frame without delimiters and escapes is put together here. */
const scratch = Buffer.allocUnsafeSlow(MAX_HEADER + MAX_BODY_LENGTH + 1);

/**
 * Encodes a message.
 * @returns its frames, in memory of their own: one, or as many as the body needs, with serial numbers one after the other
 * @throws RecordError when the message lacks something, or has what cannot be written; its path tells which
 */
export function encodeMessage(message: Jt808Message, options: EncodeOptions = {}): Buffer[] {
  const { maxBodyLength = MAX_BODY_LENGTH, text = GBK } = options;
  const edition = options.edition ?? (message.header.proto_ver === undefined ? 2013 : 2019);
  const header = headerOf(message.header, edition);
  const body = encodeBody(header.msg_id, message.body, { edition, text, isOpaque: header.encrypt !== 0 });
  if (body.length <= maxBodyLength) return [frameOf(header, body, undefined)];
  const total = Math.ceil(body.length / maxBodyLength);
  if (total > MAX_PARTS) throw new RecordError('body', `${total} parts are too many`);
  return Array.from({ length: total }, (_, index) => {
    const start = index * maxBodyLength;
    const part = body.subarray(start, start + maxBodyLength);
    const msg_sn = (header.msg_sn + index) & 0xffff;
    return frameOf({ ...header, msg_sn }, part, { total, number: index + 1 });
  });
}

function frameOf(
  header: HeaderFields,
  body: Buffer,
  part: { readonly total: number; readonly number: number } | undefined,
): Buffer {
  const bodyAt = writeHeader(header, body.length, part, scratch);
  body.copy(scratch, bodyAt);
  return delimited(scratch, bodyAt + body.length);
}

/** @throws RecordError */
function headerOf(header: Jt808Message['header'], edition: Edition): HeaderFields {
  const isVersioned = edition === 2019;
  const { msg_id, msg_sn, encrypt = 0, proto_ver = PROTO_VER_2019 } = header;
  expectInteger('msg_id', msg_id, 0xffff);
  expectInteger('msg_sn', msg_sn, 0xffff);
  expectInteger('encrypt', encrypt, 7);
  expectInteger('proto_ver', proto_ver, 0xff);
  return {
    msg_id,
    encrypt,
    proto_ver: isVersioned ? proto_ver : undefined,
    phone: phoneOf(header.phone, phoneDigits(isVersioned)),
    msg_sn,
  };
}

function expectInteger(name: string, value: unknown, maximum: number): void {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > maximum) {
    throw new RecordError(`header.${name}`, `an integer from 0 to ${maximum} is needed`);
  }
}

const DIGITS = /^[0-9a-f]*$/i;

function phoneOf(phone: unknown, digits: number): string {
  if (typeof phone !== 'string' || phone.length > digits || !DIGITS.test(phone)) {
    throw new RecordError('header.phone', `at most ${digits} digits are needed`);
  }
  return phone.padStart(digits, '0');
}
