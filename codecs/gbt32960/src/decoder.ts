import { BufferedDecoder } from '@portico/frame';
import {
  type Edition,
  type Gbt32960Frame,
  type Gbt32960Header,
  type MalformedFrame,
  ResponseFlag,
} from './frame.js';
import {
  CHECK_SIZE,
  COMMAND_AT,
  checkByte,
  ENCRYPTION_AT,
  HEADER_SIZE,
  LENGTH_AT,
  RESPONSE_AT,
  START_BYTES,
  VIN_AT,
  VIN_SIZE,
} from './layout.js';

export interface DecoderOptions {
  /** Bytes of a whole frame; 8,192 unless given. */
  readonly maxFrameSize?: number;
}

type Malformation = Pick<MalformedFrame, 'code' | 'reason' | 'offset'>;

/**
 * Cuts a byte stream into frames. Nothing ends it: a frame that is wrong is given as {@link MalformedFrame}, bytes
 * between frames are passed over and counted. Where the check byte of a frame is wrong, its length may be wrong as well:
 * if another frame seems to begin within it, the stream goes on there, else behind it.
 * @see StreamDecoder for how to use it; it never throws
 */
export class Gbt32960Decoder extends BufferedDecoder<Gbt32960Frame | MalformedFrame> {
  readonly #maxFrameSize: number;
  #skipped = 0;
  /** The VIN of the frame before, which most streams have in all frames. */
  #vin = '';

  constructor({ maxFrameSize = 8192 }: DecoderOptions = {}) {
    super();
    this.#maxFrameSize = maxFrameSize;
  }

  /** Bytes between frames that were passed over so far. */
  get skipped(): number {
    return this.#skipped;
  }

  next(): Gbt32960Frame | MalformedFrame | undefined {
    const edition = this.#skipToStart();
    const found = edition === undefined ? undefined : this.#take(edition);
    if (found === undefined) this.input.keep();
    return found;
  }

  /** Passes over what does not begin with start bytes. @returns the edition of those found */
  #skipToStart(): Edition | undefined {
    const input = this.input;
    const { bytes, end } = input;
    let at = input.start;
    while (at + 1 < end && !beginsAt(bytes, at, end)) at++;
    if (at + 1 === end && !isStartByte(bytes[at])) at++;
    this.#skipped += at - input.start;
    input.start = at;
    return at + 1 < end ? editionAt(bytes, at) : undefined;
  }

  #take(edition: Edition): Gbt32960Frame | MalformedFrame | undefined {
    const input = this.input;
    const { bytes, start } = input;
    if (input.length < HEADER_SIZE) return undefined;
    const size = HEADER_SIZE + bytes.readUInt16BE(start + LENGTH_AT) + CHECK_SIZE;
    if (size > this.#maxFrameSize) {
      const reason = `${size} bytes; the limit is ${this.#maxFrameSize}`;
      return this.#malformed(edition, { code: 'frame_too_long', reason, offset: LENGTH_AT }, HEADER_SIZE);
    }
    if (input.length < size) return undefined;
    const checkAt = start + size - CHECK_SIZE;
    const check = checkByte(bytes, start + COMMAND_AT, checkAt);
    if (check !== bytes[checkAt]) {
      const reason = `the check byte is ${bytes[checkAt]}, ${check} is right`;
      return this.#malformed(edition, { code: 'bad_checksum', reason, offset: size - CHECK_SIZE }, size);
    }
    input.start = start + size;
    const { command, response, vin, encryption } = this.#header(edition, start);
    const data = bytes.subarray(start + HEADER_SIZE, checkAt);
    return { kind: 'frame', edition, command, response, vin, encryption, data };
  }

  /** @param size bytes among which the next frame may begin */
  #malformed(edition: Edition, fault: Malformation, size: number): MalformedFrame {
    const input = this.input;
    const { bytes, start } = input;
    const end = startWithin(bytes, start + COMMAND_AT, start + size) ?? start + size;
    input.start = end;
    const header = this.#header(edition, start);
    return { kind: 'malformed', ...header, ...fault, bytes: bytes.subarray(start, end) };
  }

  #header(edition: Edition, start: number): Gbt32960Header {
    const { bytes } = this.input;
    return {
      edition,
      command: bytes[start + COMMAND_AT] as number,
      response: bytes[start + RESPONSE_AT] as number,
      vin: this.#readVin(start + VIN_AT),
      encryption: bytes[start + ENCRYPTION_AT] as number,
    };
  }

  #readVin(at: number): string {
    const { bytes } = this.input;
    const known = this.#vin;
    for (let i = 0; i < VIN_SIZE; i++) {
      if (known.charCodeAt(i) !== bytes[at + i]) {
        this.#vin = bytes.toString('latin1', at, at + VIN_SIZE);
        break;
      }
    }
    return this.#vin;
  }
}

function isStartByte(byte: number | undefined): boolean {
  return byte === START_BYTES[2016] || byte === START_BYTES[2025];
}

function editionAt(bytes: Buffer, at: number): Edition | undefined {
  const first = bytes[at];
  if (first !== bytes[at + 1]) return undefined;
  if (first === START_BYTES[2016]) return 2016;
  return first === START_BYTES[2025] ? 2025 : undefined;
}

/** Whether start bytes stand there that are not the last of the garbage before it and the first of a frame. */
function beginsAt(bytes: Buffer, at: number, end: number): boolean {
  return editionAt(bytes, at) !== undefined && (at + 2 >= end || bytes[at + 2] !== bytes[at]);
}

const RESPONSE_FLAGS: ReadonlySet<number | undefined> = new Set(Object.values(ResponseFlag));

/** Where start bytes stand that are followed, as far as the bytes go, by what may be a header. */
function startWithin(bytes: Buffer, from: number, end: number): number | undefined {
  for (let at = from; at < end; at++) {
    const isStart = at + 1 < end ? beginsAt(bytes, at, end) : isStartByte(bytes[at]);
    const hasFlag = at + VIN_AT > end || RESPONSE_FLAGS.has(bytes[at + RESPONSE_AT]);
    if (isStart && hasFlag) return at;
  }
  return undefined;
}
