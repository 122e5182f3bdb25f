import type { CipherSuite } from '../cipher-suites.js';
import type { DropReason } from '../contract.js';
import type { DirectionKeys } from '../keys/key-schedule.js';
import { type Aead, makeAead, NONCE_LENGTH } from './aead.js';
import { copyShort } from './copy-short.js';
import { CONTENT, DTLS_1_2, MAX_PLAINTEXT, RECORD_HEADER, type RecordCursor, writeHeader } from './record.js';
import { ReplayWindow } from './replay-window.js';

/** There is one epoch of protected records, as there is no renegotiation. */
const PROTECTED_EPOCH = 1;

/** Bytes of the nonce that each record carries (RFC 5288 §3, RFC 6655 §3): ours are epoch and sequence number. */
const EXPLICIT_NONCE = 8;
const FIXED_IV = NONCE_LENGTH - EXPLICIT_NONCE;

/** Bytes of additional data without a connection id (RFC 5246 §6.2.3.3), and before it (RFC 9146 §5.3). */
const PLAIN_ADDITIONAL = 13;
const CID_ADDITIONAL = 21;

/** Scratch, filled for each record. */
const nonce = Buffer.alloc(NONCE_LENGTH);
const plainAdditional = Buffer.alloc(PLAIN_ADDITIONAL);
const additionalByLength = new Map<number, Buffer>();

/** Protects what is sent. */
export class Sealer {
  readonly #aead: Aead;
  /** As a number of 32 bits, which takes no memory of its own. */
  readonly #fixedIv: number;
  /** What the peer wants to see in the records; undefined or empty for records without. */
  readonly #cid: Buffer | undefined;
  #sequence = 0;

  constructor(suite: CipherSuite, keys: DirectionKeys, cid: Buffer | undefined) {
    this.#aead = makeAead(suite, keys.key);
    this.#fixedIv = keys.fixedIv.readUInt32BE(0);
    this.#cid = cid === undefined || cid.length === 0 ? undefined : cid;
  }

  /** Of the next record; there are 2^48. */
  get sequence(): number {
    return this.#sequence;
  }

  /** A protected record. @param data at most 2^14 bytes */
  seal(type: number, data: Buffer): Buffer {
    const cid = this.#cid;
    const cidLength = cid === undefined ? 0 : cid.length;
    const textAt = RECORD_HEADER + cidLength + EXPLICIT_NONCE;
    const plainLength = data.length + (cid === undefined ? 0 : 1);
    const record = Buffer.allocUnsafe(textAt + plainLength + this.#aead.tagLength);
    writeHeader(
      record,
      cid === undefined ? type : CONTENT.tls12_cid,
      DTLS_1_2,
      PROTECTED_EPOCH,
      this.#sequence,
    );
    this.#sequence++;
    if (cid !== undefined) {
      copyShort(cid, 0, record, 11, cid.length);
      record.writeUInt8(type, textAt + data.length);
    }
    record.writeUInt16BE(record.length - RECORD_HEADER - cidLength, 11 + cidLength);
    copyShort(record, 3, record, textAt - EXPLICIT_NONCE, EXPLICIT_NONCE);
    data.copy(record, textAt);
    setNonce(this.#fixedIv, record, textAt - EXPLICIT_NONCE);
    this.#aead.seal(nonce, additionalData(record, cidLength, plainLength), record.subarray(textAt));
    return record;
  }
}

/** Checks and decrypts what has come. */
export class Opener {
  readonly #aead: Aead;
  /** As a number of 32 bits, which takes no memory of its own. */
  readonly #fixedIv: number;
  readonly #cidLength: number;
  readonly #window = new ReplayWindow();
  /** Whether the record that was opened last was newer than all before. */
  newest = false;

  /** @param cidLength bytes of the connection id that the peer has to put into its records */
  constructor(suite: CipherSuite, keys: DirectionKeys, cidLength: number) {
    this.#aead = makeAead(suite, keys.key);
    this.#fixedIv = keys.fixedIv.readUInt32BE(0);
    this.#cidLength = cidLength;
  }

  /** Decrypts the cursor's record, in place; its type and body are what is inside then. Or says why not. */
  open(record: RecordCursor): DropReason | undefined {
    const { body, start } = record;
    const withCid = record.type === CONTENT.tls12_cid;
    if (record.epoch !== PROTECTED_EPOCH || withCid !== this.#cidLength > 0) return 'wrong_epoch';
    const plainLength = body.length - EXPLICIT_NONCE - this.#aead.tagLength;
    if (plainLength < 0) return 'truncated';
    if (this.#window.has(record.sequence)) return 'replayed';
    setNonce(this.#fixedIv, body, 0);
    const header = record.datagram.subarray(start);
    const additional = additionalData(header, this.#cidLength, plainLength);
    if (!this.#aead.open(nonce, additional, body.subarray(EXPLICIT_NONCE))) return 'bad_record_mac';
    this.newest = this.#window.mark(record.sequence);
    record.body = body.subarray(EXPLICIT_NONCE, EXPLICIT_NONCE + plainLength);
    if (withCid) takeInnerType(record);
    return record.body.length > MAX_PLAINTEXT ? 'oversize' : undefined;
  }
}

function setNonce(fixedIv: number, bytes: Buffer, explicitAt: number): void {
  nonce.writeUInt32BE(fixedIv, 0);
  copyShort(bytes, explicitAt, nonce, FIXED_IV, EXPLICIT_NONCE);
}

/** What is authenticated beside the text. `record` begins with its header. */
function additionalData(record: Buffer, cidLength: number, plainLength: number): Buffer {
  return cidLength === 0
    ? additionalOfPlain(record, plainLength)
    : additionalOfCid(record, cidLength, plainLength);
}

/** Epoch and sequence number, type, version, length (RFC 5246 §6.2.3.3, RFC 6347 §4.1.2.1). */
function additionalOfPlain(record: Buffer, plainLength: number): Buffer {
  const additional = plainAdditional;
  copyShort(record, 3, additional, 0, 8);
  copyShort(record, 0, additional, 8, 3);
  additional.writeUInt16BE(plainLength, 11);
  return additional;
}

/** RFC 9146 §5.3 */
function additionalOfCid(record: Buffer, cidLength: number, plainLength: number): Buffer {
  const additional = scratchOf(CID_ADDITIONAL + cidLength + 2);
  additional.fill(0xff, 0, 8);
  additional[8] = CONTENT.tls12_cid;
  additional[9] = cidLength;
  copyShort(record, 0, additional, 10, 11 + cidLength);
  additional.writeUInt16BE(plainLength, CID_ADDITIONAL + cidLength);
  return additional;
}

/** Connection ids have few lengths. */
function scratchOf(length: number): Buffer {
  const known = additionalByLength.get(length);
  if (known !== undefined) return known;
  const scratch = Buffer.alloc(length);
  additionalByLength.set(length, scratch);
  return scratch;
}

/**
 * The last byte that is not zero is the content type, zeros behind it are padding (RFC 9146 §4). A record of zeros
 * alone has the type 0, which is none.
 */
function takeInnerType(record: RecordCursor): void {
  const { body } = record;
  let at = body.length - 1;
  while (at > 0 && body[at] === 0) at--;
  record.type = body[at] ?? 0;
  record.body = body.subarray(0, Math.max(at, 0));
}
