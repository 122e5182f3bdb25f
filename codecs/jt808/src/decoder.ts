import { BufferedDecoder, FrameError } from '@portico/frame';
import { badEscapeAt, checksum, DELIMITER, isEscape, unescaped } from './escaping.js';
import type { Jt808Frame, MalformedCode, MalformedFrame } from './frame.js';
import { HeaderReader } from './header.js';

/** What can be wrong with a whole stream. */
export type Jt808ErrorCode =
  /** A delimiter, and none within {@link DecoderOptions.maxFrameSize} bytes behind it. */
  'frame_too_long';

export interface DecoderOptions {
  /** Bytes between two delimiters, with escapes; 8,192 unless given. */
  readonly maxFrameSize?: number;
}

/**
 * Cuts a byte stream into frames. Bytes that are no frame do not end it: between a pair of delimiters they are given as
 * {@link MalformedFrame}, elsewhere they are passed over and counted. Frames may share a delimiter.
 * @see StreamDecoder for how to use it; it throws `FrameError<Jt808ErrorCode>` and is of no further use then.
 */
export class Jt808Decoder extends BufferedDecoder<Jt808Frame | MalformedFrame> {
  readonly #headers = new HeaderReader();
  readonly #maxFrameSize: number;
  /** Bytes of the frame that are known to be without its end. */
  #searched = 0;
  /** Whether a frame ends right before the input, whose delimiter may begin the next too. */
  #endsFrame = false;
  #skipped = 0;

  constructor({ maxFrameSize = 8192 }: DecoderOptions = {}) {
    super();
    this.#maxFrameSize = maxFrameSize;
  }

  /** Bytes between frames that were passed over so far. */
  get skipped(): number {
    return this.#skipped;
  }

  next(): Jt808Frame | MalformedFrame | undefined {
    const input = this.input;
    while (input.length > 0) {
      const isOpen = input.bytes[input.start] === DELIMITER;
      if (!isOpen && !this.#endsFrame) {
        this.#skipTo(this.#find(input.start) ?? input.end);
        continue;
      }
      const contentStart = isOpen ? input.start + 1 : input.start;
      const contentEnd = this.#find(contentStart + this.#searched);
      if ((contentEnd ?? input.end) - contentStart > this.#maxFrameSize) {
        this.#passOverLong(isOpen, contentEnd);
        continue;
      }
      if (contentEnd === undefined) {
        this.#searched = input.end - contentStart;
        break;
      }
      this.#searched = 0;
      const found = this.#take(isOpen, contentStart, contentEnd);
      if (found !== undefined) return found;
    }
    input.keep();
    return undefined;
  }

  /** Offset of the next delimiter. */
  #find(from: number): number | undefined {
    const { bytes, end } = this.input;
    const at = bytes.indexOf(DELIMITER, from);
    return at < 0 || at >= end ? undefined : at;
  }

  #skipTo(at: number): void {
    this.#skipped += at - this.input.start;
    this.input.start = at;
    this.#endsFrame = false;
    this.#searched = 0;
  }

  #passOverLong(isOpen: boolean, contentEnd: number | undefined): void {
    if (isOpen) {
      const reason = `more than ${this.#maxFrameSize} bytes without a delimiter`;
      throw new FrameError<Jt808ErrorCode>('frame_too_long', this.#maxFrameSize + 1, reason);
    }
    this.#skipTo(contentEnd ?? this.input.end);
  }

  /** Takes what stands between delimiters. @returns undefined when it is nothing, or between frames */
  #take(isOpen: boolean, start: number, end: number): Jt808Frame | MalformedFrame | undefined {
    const input = this.input;
    const { bytes } = input;
    if (start === end) {
      input.start = end;
      this.#endsFrame = false;
      return undefined;
    }
    const found = this.#parse(bytes.subarray(start, end));
    if ('kind' in found) {
      input.start = end + 1;
      this.#endsFrame = true;
      return found;
    }
    const begin = input.start;
    if (isOpen) {
      input.start = end;
      this.#endsFrame = false;
      const { code, header } = found;
      const whole = bytes.subarray(begin, end + 1);
      return {
        kind: 'malformed',
        code,
        reason: REASONS[code],
        offset: faultOffset(code, whole),
        header,
        bytes: whole,
      };
    }
    this.#skipTo(end);
    return undefined;
  }

  #parse(escaped: Buffer): Jt808Frame | Malformation {
    const bytes = unescaped(escaped);
    if (bytes === undefined) return BAD_ESCAPE;
    const read = this.#headers.read(bytes);
    if (read === undefined) return TOO_SHORT;
    const { header, edition, bodyAt } = read;
    const bodyEnd = bytes.length - 1;
    if (checksum(bytes, bodyEnd) !== bytes[bodyEnd]) return { code: 'bad_checksum', header };
    return { kind: 'frame', header, edition, body: bytes.subarray(bodyAt, bodyEnd) };
  }
}

const REASONS: { readonly [code in MalformedCode]: string } = {
  too_short: 'shorter than a header',
  bad_escape: '0x7D is followed by neither 0x01 nor 0x02',
  bad_checksum: 'the check byte is wrong',
};

/** @param bytes a frame with its delimiters, as it came */
function faultOffset(code: MalformedCode, bytes: Buffer): number {
  const end = bytes.length - 1;
  if (code === 'bad_escape') return badEscapeAt(bytes) ?? 0;
  if (code === 'too_short') return end;
  return isEscape(bytes[end - 2]) ? end - 2 : end - 1;
}

type Malformation = Pick<MalformedFrame, 'code' | 'header'>;

const BAD_ESCAPE: Malformation = { code: 'bad_escape', header: undefined };
const TOO_SHORT: Malformation = { code: 'too_short', header: undefined };
