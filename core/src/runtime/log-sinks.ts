import { write } from 'node:fs';
import { isatty } from 'node:tty';
import { pino } from 'pino';
import { systemClock } from './clock.js';
import { LineWriter, type WriteBytes } from './line-writer.js';
import { textFormatter } from './log-line.js';
import type { LogFields, LogLevel } from './logger.js';
import { RotatingFile, type Rotation } from './rotating-file.js';

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export const LOG_PLACES = ['console', 'file', 'both', 'off'] as const;

export interface LogOutput {
  write(text: string): void;
  /** Settles when all has been written. Not there where it is written at once. */
  flush?(): Promise<void>;
}

export interface SinkOptions {
  /** `text`: a line for people; `json`: an object a line, with `time` in milliseconds since 1970. */
  readonly format: LogFormat;
  /** Where lines go: the default is `console`, standard output. What is announced is there in any case. */
  readonly to?: (typeof LOG_PLACES)[number];
  /** Path of the file, where lines go into one, and how it is kept from growing for ever. */
  readonly file?: string;
  readonly rotation?: Rotation;
  /** What stands in for standard output. */
  readonly output?: LogOutput;
}

/** To be called when lines were lost. */
export type LogLost = (lost: number) => void;

/** Where the lines of a family of loggers go. */
export interface Sink {
  line(level: LogLevel, message: string, fields: LogFields): void;
  announce(message: string): void;
  flush(): Promise<void>;
}

const STANDARD_OUTPUT = 1;

/** @throws PorticoError `PORTICO_ERR_LOG_FILE` when the file cannot be written to */
export function makeSink(options: SinkOptions, logLost: LogLost): Sink {
  const { to = 'console', format, file, rotation } = options;
  const intoFile = to === 'file' || to === 'both';
  const onConsole = consoleSink(options, logLost);
  const console = to === 'console' || to === 'both' ? onConsole : announcing(onConsole);
  if (!intoFile || file === undefined || rotation === undefined) return console;
  const lines = new LineWriter(new RotatingFile(file, rotation).write, systemClock, logLost);
  return bothSinks(console, sinkOf(format, lines, false));
}

function consoleSink({ format, output }: SinkOptions, logLost: LogLost): Sink {
  if (output !== undefined) return sinkOf(format, output, false);
  const toConsole: WriteBytes = (bytes, done) => write(STANDARD_OUTPUT, bytes, done);
  return sinkOf(format, new LineWriter(toConsole, systemClock, logLost), isatty(STANDARD_OUTPUT));
}

function sinkOf(format: LogFormat, lines: LogOutput, colours: boolean): Sink {
  return format === 'json' ? jsonSink(lines) : textSink(lines, colours);
}

function jsonSink(lines: LogOutput): Sink {
  const formatters = { level: (label: string) => ({ level: label }) };
  const json = pino({ level: 'trace', base: null, formatters }, lines);
  return {
    line: (level, message, fields) => json[level](fields, message),
    announce: (message) => json.info(message),
    flush: async () => lines.flush?.(),
  };
}

function textSink(lines: LogOutput, colours: boolean): Sink {
  const format = textFormatter(colours);
  return {
    line: (level, message, fields) => lines.write(format(level, systemClock.now(), message, fields)),
    announce: (message) => lines.write(`${message}\n`),
    flush: async () => lines.flush?.(),
  };
}

/** A sink for what is announced alone. */
function announcing({ announce, flush }: Sink): Sink {
  return { line() {}, announce, flush };
}

function bothSinks(one: Sink, other: Sink): Sink {
  return {
    line(level, message, fields) {
      one.line(level, message, fields);
      other.line(level, message, fields);
    },
    announce(message) {
      one.announce(message);
      other.announce(message);
    },
    async flush() {
      await Promise.all([one.flush(), other.flush()]);
    },
  };
}
