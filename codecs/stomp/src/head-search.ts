import { frameError, unknownCommand } from './errors.js';
import { CLIENT_COMMANDS, SERVER_COMMANDS } from './frame.js';

const LF = 10;
const CR = 13;
const LAST_ASCII = 0x7f;

const LONGEST_COMMAND = Math.max(...[...CLIENT_COMMANDS, ...SERVER_COMMANDS].map(({ length }) => length));

/** Looks for the empty line at the end of a head: once at each byte, in however many pieces they come. */
export class HeadSearch {
  readonly #maxHeaders: number;
  readonly #maxHeaderLength: number;
  /** Bytes of the head that have been looked at. */
  #looked = 0;
  /** Whole lines so far, the command's with them. */
  #lines = 0;
  /** Offset of the present line. */
  #lineStart = 0;
  #isAscii = true;

  /** @param maxHeaderLength bytes of a header, its name and the colon with it */
  constructor(maxHeaders: number, maxHeaderLength: number) {
    this.#maxHeaders = maxHeaders;
    this.#maxHeaderLength = maxHeaderLength;
  }

  /** Whether no byte of the head is above 127. */
  get isAscii(): boolean {
    return this.#isAscii;
  }

  /** Another head begins. */
  restart(): void {
    this.#looked = 0;
    this.#lines = 0;
    this.#lineStart = 0;
    this.#isAscii = true;
  }

  /**
   * Goes on where it was.
   * @param start of the head
   * @param end of the bytes that are there
   * @returns the length of the head with the empty line; undefined when that is not there yet
   * @throws FrameError when there are too many lines, or one is too long
   */
  find(bytes: Buffer, start: number, end: number): number | undefined {
    let lineStart = start + this.#lineStart;
    for (let at = start + this.#looked; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte > LAST_ASCII) this.#isAscii = false;
      if (byte !== LF) continue;
      const length = at - lineStart;
      if (length === 0 || (length === 1 && bytes[lineStart] === CR)) return at + 1 - start;
      this.#check(bytes, start, lineStart, length);
      this.#lines++;
      lineStart = at + 1;
    }
    this.#check(bytes, start, lineStart, end - lineStart);
    this.#looked = end - start;
    this.#lineStart = lineStart - start;
    return undefined;
  }

  /** Whether the present line, of which so many bytes are there, may go on. */
  #check(bytes: Buffer, start: number, lineStart: number, length: number): void {
    if (this.#lines === 0 && length > LONGEST_COMMAND + 1) {
      throw unknownCommand(bytes.toString('latin1', start, start + LONGEST_COMMAND));
    }
    const offset = lineStart - start;
    if (this.#lines > 0 && length > this.#maxHeaderLength + 1) {
      throw frameError('header_too_long', offset, `a header of more than ${this.#maxHeaderLength} bytes`);
    }
    if (this.#lines > this.#maxHeaders && length > 1) {
      throw frameError('too_many_headers', offset, `more than ${this.#maxHeaders} headers`);
    }
  }
}
