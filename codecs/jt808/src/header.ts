import { putHex, RecordError } from '@portico/record';
import type { Edition } from './editions.js';
import type { Jt808Header } from './frame.js';

/** Bits of the properties of a message body (JT/T 808-2019 figure 2). */
const LENGTH_MASK = 0x3ff;
const ENCRYPTION_SHIFT = 10;
const ENCRYPTION_MASK = 7;
const SUBPACKAGE = 1 << 13;
const VERSION_FLAG = 1 << 14;

/** The largest body that one frame can have, in bytes. */
export const MAX_BODY_LENGTH = LENGTH_MASK;

/** How a header is laid out. */
interface Layout {
  readonly edition: Edition;
  /** Offset and bytes of the phone number; the version byte stands before it. */
  readonly phoneAt: number;
  readonly phoneSize: number;
  /** Bytes without those of parts. */
  readonly size: number;
}

const LAYOUT_2013: Layout = { edition: 2013, phoneAt: 4, phoneSize: 6, size: 12 };
const LAYOUT_2019: Layout = { edition: 2019, phoneAt: 5, phoneSize: 10, size: 17 };
/** Bytes of how many parts there are, and which this is. */
const PARTS_SIZE = 4;
const CHECK_SIZE = 1;

/** A header that was read, and where its body begins. */
export interface HeaderRead {
  readonly header: Jt808Header;
  readonly edition: Edition;
  readonly bodyAt: number;
}

/**
 * Reads headers of one stream. Its phone number hardly ever changes, so the text of the last is kept.
 *
 * Bit 14 says that the layout is that of 2019. Some terminals set it with the layout of 2013, or do not with that of
 * 2019: when the length of the body fits only the other layout, that is believed.
 */
export class HeaderReader {
  #phone = '';
  /** The bytes of it, as two integers and the last two bytes. */
  #phoneHigh = -1;
  #phoneMiddle = -1;
  #phoneLow = -1;

  /** @returns undefined when the bytes are too short. @param bytes with the check byte, without escapes */
  read(bytes: Buffer): HeaderRead | undefined {
    if (bytes.length < LAYOUT_2013.size + CHECK_SIZE) return undefined;
    const properties = bytes.readUInt16BE(2);
    const layout = layoutOf(properties, bytes.length);
    const hasParts = (properties & SUBPACKAGE) !== 0;
    const bodyAt = layout.size + (hasParts ? PARTS_SIZE : 0);
    if (bytes.length < bodyAt + CHECK_SIZE) return undefined;
    return { header: this.#header(bytes, properties, layout, hasParts), edition: layout.edition, bodyAt };
  }

  /** Each kind of header is made in one piece, so that all of a kind have the same shape. */
  #header(bytes: Buffer, properties: number, layout: Layout, hasParts: boolean): Jt808Header {
    const { edition, phoneAt, phoneSize, size } = layout;
    const msg_id = bytes.readUInt16BE(0);
    const encrypt = (properties >> ENCRYPTION_SHIFT) & ENCRYPTION_MASK;
    const len = properties & LENGTH_MASK;
    const phone = this.#readPhone(bytes, layout);
    const msg_sn = bytes.readUInt16BE(phoneAt + phoneSize);
    if (edition === 2019) {
      const proto_ver = bytes[phoneAt - 1] as number;
      if (!hasParts) return { msg_id, encrypt, len, proto_ver, phone, msg_sn };
      const frag_total = bytes.readUInt16BE(size);
      const frag_sn = bytes.readUInt16BE(size + 2);
      return { msg_id, encrypt, len, proto_ver, phone, msg_sn, frag_total, frag_sn };
    }
    if (!hasParts) return { msg_id, encrypt, len, phone, msg_sn };
    const frag_total = bytes.readUInt16BE(size);
    const frag_sn = bytes.readUInt16BE(size + 2);
    return { msg_id, encrypt, len, phone, msg_sn, frag_total, frag_sn };
  }

  #readPhone(bytes: Buffer, { phoneAt, phoneSize }: Layout): string {
    const end = phoneAt + phoneSize;
    const high = phoneSize === LAYOUT_2019.phoneSize ? bytes.readUInt32BE(phoneAt) : -1;
    const middle = bytes.readUInt32BE(end - 6);
    const low = bytes.readUInt16BE(end - 2);
    if (high !== this.#phoneHigh || middle !== this.#phoneMiddle || low !== this.#phoneLow) {
      this.#phoneHigh = high;
      this.#phoneMiddle = middle;
      this.#phoneLow = low;
      this.#phone = bytes.toString('hex', phoneAt, end);
    }
    return this.#phone;
  }
}

function layoutOf(properties: number, size: number): Layout {
  const hasVersion = (properties & VERSION_FLAG) !== 0;
  const told = hasVersion ? LAYOUT_2019 : LAYOUT_2013;
  const other = hasVersion ? LAYOUT_2013 : LAYOUT_2019;
  const parts = (properties & SUBPACKAGE) !== 0 ? PARTS_SIZE : 0;
  const headerSize = size - (properties & LENGTH_MASK) - parts - CHECK_SIZE;
  return headerSize === other.size ? other : told;
}

/** What a header is written from. */
export interface HeaderFields {
  readonly msg_id: number;
  readonly encrypt: number;
  /** Makes it a header of 2019. */
  readonly proto_ver: number | undefined;
  /** At most 12 hexadecimal digits, since 2019 20. */
  readonly phone: string;
  readonly msg_sn: number;
}

/** Which part of a message a frame has, from 1 on. */
export interface Part {
  readonly number: number;
  readonly total: number;
}

function layoutFor(fields: HeaderFields): Layout {
  return fields.proto_ver === undefined ? LAYOUT_2013 : LAYOUT_2019;
}

/** Bytes of a header. */
export function headerSize(fields: HeaderFields, part?: Part): number {
  return layoutFor(fields).size + (part === undefined ? 0 : PARTS_SIZE);
}

/**
 * Writes a header.
 * @param length bytes of the body
 * @param into takes it at its beginning
 * @throws RecordError when the phone number has too many digits, or something else
 */
export function writeHeader(fields: HeaderFields, length: number, into: Buffer, part?: Part): void {
  const { proto_ver, phone } = fields;
  const { phoneAt, phoneSize, size } = layoutFor(fields);
  const flags = (part === undefined ? 0 : SUBPACKAGE) | (proto_ver === undefined ? 0 : VERSION_FLAG);
  putWord(into, 0, fields.msg_id);
  putWord(into, 2, length | (fields.encrypt << ENCRYPTION_SHIFT) | flags);
  if (proto_ver !== undefined) into[phoneAt - 1] = proto_ver;
  if (typeof phone !== 'string' || !putHex(into, phoneAt, phone.padStart(2 * phoneSize, '0'), phoneSize)) {
    throw new RecordError('header.phone', `at most ${2 * phoneSize} digits are needed`);
  }
  putWord(into, phoneAt + phoneSize, fields.msg_sn);
  if (part === undefined) return;
  putWord(into, size, part.total);
  putWord(into, size + 2, part.number);
}

/** Without the checks of Node.js: numbers and places are known to be sound. */
function putWord(into: Buffer, at: number, word: number): void {
  into[at] = word >>> 8;
  into[at + 1] = word;
}
