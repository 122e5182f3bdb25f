import { isUtf8 } from 'node:buffer';
import { BufferedDecoder, type FrameError } from '@portico/frame';
import { frameError, type StompErrorCode, unknownCommand } from './errors.js';
import { unescaped } from './escaping.js';
import {
  CLIENT_COMMANDS,
  COMMANDS_WITH_BODY,
  type Command,
  SERVER_COMMANDS,
  type StompFrame,
  UNESCAPED_COMMANDS,
} from './frame.js';
import { HeadSearch } from './head-search.js';
import { Headers } from './headers.js';
import { negotiate, type StompVersion } from './versions.js';

export interface DecoderOptions {
  /** Headers of a frame; 10 unless given. */
  readonly maxHeaders?: number;
  /** Bytes of a header, its name and the colon with it; 1,024 unless given. */
  readonly maxHeaderLength?: number;
  /** Bytes of a body; 8,192 unless given. */
  readonly maxBodyLength?: number;
  /** What is spoken until CONNECT or CONNECTED says otherwise; 1.0 unless given. */
  readonly version?: StompVersion;
}

const NUL = 0;
const LF = 10;
const CR = 13;

const COMMANDS = new Map<string, Command>(
  [...CLIENT_COMMANDS, ...SERVER_COMMANDS].map((command) => [command, command]),
);

/** What stands before the body. */
interface Head {
  readonly command: Command;
  readonly headers: Headers;
  /** Bytes, with the empty line at its end. */
  readonly length: number;
  /** Of the body; undefined when the first NUL is its end. */
  readonly contentLength: number | undefined;
}

/**
 * Cuts a byte stream into frames, those of clients and those of servers. It finds out by itself, from CONNECT and
 * CONNECTED, which version is spoken. Line ends between frames, which are heart-beats, are passed over; line ends may
 * have a CR in all versions.
 * @see StreamDecoder for how to use it; it throws `FrameError<StompErrorCode>` and is of no further use then.
 */
export class StompDecoder extends BufferedDecoder<StompFrame> {
  readonly #maxBodyLength: number;
  #version: StompVersion;
  /** Of a frame whose body is not all there. */
  #head: Head | undefined;
  readonly #search: HeadSearch;
  /** Bytes behind the head that are known to be without a NUL. */
  #searched = 0;

  constructor(options: DecoderOptions = {}) {
    super();
    const { maxHeaders = 10, maxHeaderLength = 1024, maxBodyLength = 8192, version = '1.0' } = options;
    this.#version = version;
    this.#search = new HeadSearch(maxHeaders, maxHeaderLength);
    this.#maxBodyLength = maxBodyLength;
  }

  /** Spoken since CONNECT or CONNECTED; 1.0 before. */
  get version(): StompVersion {
    return this.#version;
  }

  next(): StompFrame | undefined {
    if (this.#head === undefined) this.#skipLineEnds();
    this.#head ??= this.#readHead();
    const body = this.#head && this.#readBody(this.#head);
    if (this.#head === undefined || body === undefined) {
      this.input.keep();
      return undefined;
    }
    const { command, headers, length } = this.#head;
    if (body.length > 0 && !COMMANDS_WITH_BODY.includes(command)) {
      throw frameError('unexpected_body', length, `${command} must not have a body`);
    }
    this.input.start += length + body.length + 1;
    this.#head = undefined;
    this.#searched = 0;
    return { command, headers, body };
  }

  /** A lone CR waits for what follows it. */
  #skipLineEnds(): void {
    const input = this.input;
    const { bytes, end } = input;
    for (;;) {
      const at = input.start;
      if (bytes[at] === LF && at < end) input.start++;
      else if (bytes[at] === CR && bytes[at + 1] === LF && at + 1 < end) input.start += 2;
      else return;
      this.#search.restart();
    }
  }

  /** Undefined when it is not all there. */
  #readHead(): Head | undefined {
    const { bytes, start, end } = this.input;
    const length = this.#search.find(bytes, start, end);
    if (length === undefined) return undefined;
    const bodyStart = start + length;
    const { isAscii } = this.#search;
    const text = isAscii
      ? bytes.toString('latin1', start, bodyStart)
      : utf8(bytes.subarray(start, bodyStart));
    this.#search.restart();
    const firstEnd = text.indexOf('\n');
    const command = commandOf(withoutCr(text.slice(0, firstEnd)));
    const headers = this.#readHeaders(command, text, firstEnd + 1);
    return {
      command,
      headers,
      length,
      contentLength: this.#contentLength(headers, text, length),
    };
  }

  /** @param from where the first header begins */
  #readHeaders(command: Command, text: string, from: number): Headers {
    const version = UNESCAPED_COMMANDS.includes(command) ? '1.0' : this.#version;
    const flat: string[] = [];
    let at = from;
    for (;;) {
      const lineEnd = text.indexOf('\n', at);
      const end = text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd;
      if (end <= at) break;
      const colon = text.indexOf(':', at);
      if (colon <= at || colon >= end) throw malformedHeader(text, at, end);
      flat.push(plain(text, at, colon, version), plain(text, colon + 1, end, version));
      at = lineEnd + 1;
    }
    const headers = new Headers(flat);
    this.#learnVersion(command, headers);
    return this.#version === '1.0' ? new Headers(flat.map(trimmedValue)) : headers;
  }

  #learnVersion(command: Command, headers: Headers): void {
    if (command === 'CONNECT' || command === 'STOMP') {
      this.#version = negotiate(headers.get('accept-version')) ?? '1.0';
    } else if (command === 'CONNECTED') this.#version = negotiate(headers.get('version')) ?? '1.0';
  }

  /** @param size bytes of the head */
  #contentLength(headers: Headers, head: string, size: number): number | undefined {
    const text = headers.get('content-length');
    if (text === undefined) return undefined;
    const length = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isNaN(length)) {
      const offset = byteOffset(head, head.indexOf('\ncontent-length') + 1);
      const reason = `content-length ${JSON.stringify(text)} is no number of bytes`;
      throw frameError('bad_content_length', offset, reason);
    }
    if (length > this.#maxBodyLength) throw this.#bodyTooLong(size);
    return length;
  }

  /** Undefined when it is not all there. */
  #readBody({ command, length, contentLength }: Head): Buffer | undefined {
    const { bytes, start, end } = this.input;
    const bodyStart = start + length;
    if (contentLength === undefined) return this.#readToNul(bodyStart, length);
    const bodyEnd = bodyStart + contentLength;
    if (bodyEnd >= end) return undefined;
    if (bytes[bodyEnd] === NUL) return bytes.subarray(bodyStart, bodyEnd);
    throw frameError(
      'missing_nul',
      bodyEnd - start,
      `no NUL behind the ${contentLength} bytes of ${command}`,
    );
  }

  #readToNul(bodyStart: number, at: number): Buffer | undefined {
    const { bytes, end } = this.input;
    const nul = bytes.indexOf(NUL, bodyStart + this.#searched);
    const isThere = nul >= 0 && nul < end;
    const length = (isThere ? nul : end) - bodyStart;
    if (length > this.#maxBodyLength) throw this.#bodyTooLong(at);
    if (isThere) return bytes.subarray(bodyStart, nul);
    this.#searched = length;
    return undefined;
  }

  #bodyTooLong(at: number): FrameError<StompErrorCode> {
    return frameError('body_too_long', at, `a body of more than ${this.#maxBodyLength} bytes`);
  }
}

/** Spaces beside a value mean nothing in STOMP 1.0, whose own examples have them. */
function trimmedValue(text: string, at: number): string {
  return at % 2 === 0 ? text : text.trim();
}

/** The name or value of a header, from one place of the head to another. @throws FrameError */
function plain(head: string, from: number, to: number, version: StompVersion): string {
  const text = head.slice(from, to);
  if (text.includes('\r')) throw malformedHeader(head, from, to);
  const decoded = unescaped(text, version);
  if (decoded !== undefined) return decoded;
  const reason = `an escape in ${JSON.stringify(text)} that STOMP ${version} does not know`;
  throw frameError('unknown_escape', byteOffset(head, from), reason);
}

function commandOf(line: string): Command {
  const command = COMMANDS.get(line);
  if (command === undefined) throw unknownCommand(line);
  return command;
}

function withoutCr(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** @throws FrameError */
function utf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let lineStart = 0;
  for (;;) {
    const next = bytes.indexOf(LF, lineStart) + 1;
    if (next === 0 || !isUtf8(bytes.subarray(lineStart, next))) break;
    lineStart = next;
  }
  throw frameError('not_utf8', lineStart, 'command and headers must be UTF-8');
}

function malformedHeader(head: string, from: number, to: number): FrameError<StompErrorCode> {
  const reason = `${JSON.stringify(head.slice(from, to))} is no header`;
  return frameError('malformed_header', byteOffset(head, from), reason);
}

/** Where a character of the head is among the bytes of its frame. */
function byteOffset(head: string, at: number): number {
  return Buffer.byteLength(head.slice(0, at));
}
