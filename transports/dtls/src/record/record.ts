import type { DropReason } from '../contract.js';

/** Content types: RFC 5246 §6.2.1, `tls12_cid` RFC 9146 §3. */
export const CONTENT = {
  change_cipher_spec: 20,
  alert: 21,
  handshake: 22,
  application_data: 23,
  tls12_cid: 25,
  return_routability_check: 27,
} as const;

/** DTLS 1.2 and 1.0 on the wire (RFC 6347 §4.1): the complement of 1.2 and 1.0. */
export const DTLS_1_2 = 0xfefd;
export const DTLS_1_0 = 0xfeff;

/** Bytes before the fragment of a record without connection id (RFC 6347 §4.1). */
export const RECORD_HEADER = 13;
/** Most bytes of application data, or of anything else, in one record (RFC 5246 §6.2.1). */
export const MAX_PLAINTEXT = 2 ** 14;
/** Most bytes of a protected fragment (RFC 5246 §6.2.3). */
const MAX_CIPHERTEXT = MAX_PLAINTEXT + 2048;
/** Sequence numbers have 48 bits. */
export const MAX_SEQUENCE = 2 ** 48 - 1;

const FIRST_TYPE = CONTENT.change_cipher_spec;
const MAJOR_VERSION = 0xfe;

/** Goes through the records of one datagram (RFC 6347 §4.1.1). Its fields are those of the current record. */
export class RecordCursor {
  readonly datagram: Buffer;
  /** Content type; that inside once the record has been decrypted. */
  type = 0;
  epoch = 0;
  sequence = 0;
  /** The fragment; what is inside once the record has been decrypted. */
  body: Buffer;
  /** Offset of the record, and of the first byte behind it. */
  start = 0;
  end = 0;
  readonly #cidLength: number;

  /** @param cidLength bytes of the connection ids that we have given out */
  constructor(datagram: Buffer, cidLength: number) {
    this.datagram = datagram;
    this.body = datagram;
    this.#cidLength = cidLength;
  }

  /** Whether a byte is left. */
  get more(): boolean {
    return this.end < this.datagram.length;
  }

  /** Goes to the next record, or says why what is left of the datagram is to be dropped. */
  next(): DropReason | undefined {
    const { datagram, end: at } = this;
    if (at + RECORD_HEADER > datagram.length) return 'truncated';
    this.type = datagram.readUInt8(at);
    if (this.type < FIRST_TYPE || datagram[at + 1] !== MAJOR_VERSION) return 'not_dtls';
    const lengthAt = at + 11 + (this.type === CONTENT.tls12_cid ? this.#cidLength : 0);
    const bodyAt = lengthAt + 2;
    if (bodyAt > datagram.length) return 'truncated';
    const length = datagram.readUInt16BE(lengthAt);
    if (length > MAX_CIPHERTEXT) return 'oversize';
    if (bodyAt + length > datagram.length) return 'truncated';
    this.epoch = datagram.readUInt16BE(at + 3);
    this.sequence = datagram.readUIntBE(at + 5, 6);
    this.body = datagram.subarray(bodyAt, bodyAt + length);
    this.start = at;
    this.end = bodyAt + length;
    return undefined;
  }

  /** The connection id of a record of the type `tls12_cid`. */
  connectionId(): Buffer {
    return this.datagram.subarray(this.start + 11, this.start + 11 + this.#cidLength);
  }

  /** A copy of the record as it came. */
  copy(): Buffer {
    return Buffer.from(this.datagram.subarray(this.start, this.end));
  }
}

/** A record that is not protected, of epoch 0. */
export function plainRecord(
  type: number,
  sequence: number,
  body: Buffer,
  version: number = DTLS_1_2,
): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER + body.length);
  writeHeader(record, type, version, 0, sequence);
  record.writeUInt16BE(body.length, 11);
  body.copy(record, RECORD_HEADER);
  return record;
}

/** The first 11 bytes of a record. */
export function writeHeader(
  record: Buffer,
  type: number,
  version: number,
  epoch: number,
  sequence: number,
): void {
  record.writeUInt8(type, 0);
  record.writeUInt16BE(version, 1);
  record.writeUInt16BE(epoch, 3);
  record.writeUIntBE(sequence, 5, 6);
}
