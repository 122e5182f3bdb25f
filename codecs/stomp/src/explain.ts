import {
  cutFrames,
  type ExplainedFault,
  type ExplainedFrame,
  explained,
  type FieldReader,
  type Piece,
  shownText,
} from '@portico/frame';
import { StompDecoder } from './decoder.js';
import { unescaped } from './escaping.js';
import { CLIENT_COMMANDS, SERVER_COMMANDS, type StompFrame, UNESCAPED_COMMANDS } from './frame.js';
import type { StompVersion } from './versions.js';

export interface ExplainOptions {
  /** What is spoken, unless CONNECT or CONNECTED among the bytes says otherwise; 1.2 unless given. */
  readonly version?: StompVersion;
}

const LF = 10;
const CR = 13;

/** So that frames are explained whatever the limits of a listener are. */
const NO_LIMITS = { maxHeaders: 10_000, maxHeaderLength: 1 << 20, maxBodyLength: 1 << 30 };

/** Explains all frames of a byte stream, as far as they can be read. Never throws for what a peer sends. */
export function explain(stream: Buffer, { version = '1.2' }: ExplainOptions = {}): ExplainedFrame[] {
  const decoder = new StompDecoder({ ...NO_LIMITS, version });
  return Array.from(cutFrames(decoder, stream), (piece) => explainPiece(piece, decoder.version));
}

function explainPiece({ offset, bytes, frame, faults }: Piece<StompFrame>, version: StompVersion) {
  const start = lineEndsLength(bytes);
  const command = commandAt(bytes, start);
  const isBeat = start > 0 && start === bytes.length;
  const title = isBeat ? 'heart-beat' : (command ?? 'no frame');
  const secretRest = command === 'CONNECT' || command === 'STOMP';
  const shown = isBeat ? [] : faults.map((fault) => behind(start, fault, bytes.length));
  return explained({ title, offset, bytes, faults: shown, secretRest }, (reader) => {
    if (start > 0) {
      reader.take(start);
      reader.note('heart-beats', start, 'line ends before the frame');
    }
    if (isBeat || command === undefined) return;
    readLine(reader, (line) => ['command', line]);
    readHeaders(reader, UNESCAPED_COMMANDS.includes(command) ? '1.0' : version);
    if (frame === undefined) return;
    if (frame.body.length > 0) reader.data('body', frame.body.length);
    reader.take(1);
    reader.note('end', 1, 'NUL');
  });
}

/** The decoder counts from where the frame begins, behind the heart-beats before it. */
function behind(start: number, { offset, reason }: ExplainedFault, size: number): ExplainedFault {
  return { offset: Math.min(start + offset, size), reason };
}

function commandAt(bytes: Buffer, start: number) {
  const lineEnd = bytes.indexOf(LF, start);
  const line = bytes.toString('latin1', start, lineEnd < 0 ? bytes.length : lineEnd).replace(/\r$/, '');
  return [...CLIENT_COMMANDS, ...SERVER_COMMANDS].find((command) => command === line);
}

/** Bytes of line ends at the beginning. */
function lineEndsLength(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) at++;
  return at;
}

function readHeaders(reader: FieldReader, version: StompVersion): void {
  while (reader.left > 0) {
    const isLast = readLine(reader, (line) => {
      if (line === '') return ['end of headers', 'empty line'];
      const colon = line.indexOf(':');
      if (colon < 1) return ['(no header)', shownText(line)];
      const [name, value] = [line.slice(0, colon), line.slice(colon + 1)];
      return [unescaped(name, version) ?? name, shownText(unescaped(value, version) ?? value)];
    });
    if (isLast) return;
  }
}

/** Reads a line with its end. @returns whether it is empty, or has no end */
function readLine(
  reader: FieldReader,
  explainLine: (line: string) => [name: string, value: string],
): boolean {
  const lineEnd = reader.bytes.indexOf(LF, reader.at);
  if (lineEnd < 0) return true;
  const size = lineEnd + 1 - reader.at;
  const line = reader.bytes.toString('utf8', reader.at, lineEnd).replace(/\r$/, '');
  const [name, value] = explainLine(line);
  if (name === 'passcode') reader.secret(name, size);
  else {
    reader.take(size);
    reader.note(name, size, value);
  }
  return line === '';
}
