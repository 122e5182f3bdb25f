import { write } from 'node:fs';
import { isatty } from 'node:tty';
import { pino } from 'pino';
import { systemClock } from './clock.js';
import { LineWriter, type WriteBytes } from './line-writer.js';
import type { LogSink } from './log-handler.js';
import { shortenedFields } from './log-limits.js';
import { textFormatter } from './log-line.js';
import type { LogFields, LogLevel } from './logger.js';
import { type FileFault, RotatingFile, type Rotation } from './rotating-file.js';

/** What stands in for standard output in tests: it takes everything at once. */
export interface LogOutput {
  write(text: string): void;
}

/** What lines look like. */
export interface LogStyle {
  /** `text`: a line for people; `json`: an object a line, with `time` in milliseconds since 1970. */
  readonly format: 'text' | 'json';
  readonly timeFormat: string;
  readonly singleLine: boolean;
  readonly charsLimit: number;
}

/** To be called when lines were lost. */
export type LogLost = (lost: number) => void;

type WriteLine = (level: LogLevel, message: string, fields: LogFields) => void;

interface Lines {
  readonly line: WriteLine;
  readonly announce: (message: string) => void;
}

const STANDARD_OUTPUT = 1;

/** Milliseconds after which a file that cannot be written to is tried again. */
const FILE_RETRY = 1000;

/** What writes to standard output, or what stands in for it, whatever the lines look like. */
export interface ConsoleOutput extends LogOutput {
  readonly colours: boolean;
  readonly lost: number;
  flush(): Promise<void>;
}

/** There is one for all consoles that follow each other, so that no line begins within another. */
export function consoleOutput(output: LogOutput | undefined, onLost: LogLost): ConsoleOutput {
  if (output !== undefined) {
    const write = (text: string) => output.write(text);
    return { write, colours: false, lost: 0, flush: async () => {} };
  }
  const toConsole: WriteBytes = (bytes, done) => write(STANDARD_OUTPUT, bytes, done);
  const writer = new LineWriter(toConsole, systemClock, onLost);
  return {
    write: (text) => writer.write(text),
    colours: isatty(STANDARD_OUTPUT),
    flush: () => writer.flush(),
    get lost() {
      return writer.lost;
    },
  };
}

/** A console with lines that look so. */
export function consoleSink(style: LogStyle, output: ConsoleOutput): LogSink {
  const before = output.lost;
  /** What is lost of others that write there later is not its own. */
  let atClose: number | undefined;
  return {
    ...linesTo(style, output, output.colours),
    flush: () => output.flush(),
    reopen() {},
    close() {
      atClose ??= output.lost;
      return output.flush();
    },
    get lost() {
      return (atClose ?? output.lost) - before;
    },
    fault: undefined,
  };
}

/** @throws PorticoError `PORTICO_ERR_LOG_FILE` when a file can never be written to */
export function checkFile({ path, rotation }: { readonly path: string; readonly rotation: Rotation }): void {
  new RotatingFile(path, rotation).close();
}

/** What writes into a file. @throws PorticoError `PORTICO_ERR_LOG_FILE` when it can never be written to */
export function fileSink(
  style: LogStyle,
  { path, rotation }: { readonly path: string; readonly rotation: Rotation },
  onLost: LogLost,
  onFault: FileFault,
): LogSink {
  let isClosing = false;
  const file = new RotatingFile(path, rotation, (reason) => {
    // Nobody need see to a file that is left.
    if (!isClosing) onFault(reason);
    else if (reason !== undefined) writer.breakOff();
  });
  const writer: LineWriter = new LineWriter(file.write, systemClock, onLost, FILE_RETRY);
  return {
    ...linesTo(style, writer, false),
    flush: () => writer.flush(),
    reopen: () => file.close(),
    async close() {
      isClosing = true;
      if (file.fault === undefined) {
        const before = writer.lost;
        await writer.flush();
        if (writer.lost > before) onLost(writer.lost - before);
      }
      writer.breakOff();
      file.close();
    },
    get lost() {
      return writer.lost;
    },
    get fault() {
      return file.fault;
    },
  };
}

function linesTo(style: LogStyle, output: LogOutput, colours: boolean): Lines {
  return style.format === 'json' ? jsonLines(style, output) : textLines(style, output, colours);
}

function jsonLines({ charsLimit }: LogStyle, output: LogOutput): Lines {
  const formatters = { level: (label: string) => ({ level: label }) };
  const json = pino({ level: 'trace', base: null, formatters }, output);
  return {
    line(level, message, fields) {
      const [text, shown] = shortenedFields(message, fields, charsLimit);
      json[level](shown, text);
    },
    announce: (message) => json.info(message),
  };
}

function textLines(style: LogStyle, output: LogOutput, colours: boolean): Lines {
  const format = textFormatter({ ...style, colours });
  return {
    line: (level, message, fields) => output.write(format(level, systemClock.now(), message, fields)),
    announce: (message) => output.write(`${message}\n`),
  };
}
