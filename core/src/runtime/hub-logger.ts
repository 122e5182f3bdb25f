import { isatty } from 'node:tty';
import { pino } from 'pino';
import { systemClock } from './clock.js';
import { LineWriter } from './line-writer.js';
import { textFormatter } from './log-line.js';
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './logger.js';
import { maskSecrets } from './mask.js';

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** `text`: a line for people; `json`: an object a line, with `time` in milliseconds since 1970. */
  readonly format: LogFormat;
  /** Where lines go. The default is standard output, see {@link LineWriter}. */
  readonly output?: LogOutput;
}

export interface LogOutput {
  write(text: string): void;
  /** Settles when all has been written. Not there where it is written at once. */
  flush?(): Promise<void>;
}

/** The logger that all others are children of. */
export interface RootLogger extends Logger {
  /** The level of this logger and of all its children; may be set at any time. */
  level: LogLevel;
  /**
   * Writes a message whatever the level: alone on its line in the text format, as an `info` line in the JSON
   * format. For the few lines that tools wait for.
   */
  announce(message: string): void;
  /** Settles when all that has been logged is where it should be: to be awaited before the process ends. */
  flush(): Promise<void>;
}

const STANDARD_OUTPUT = 1;

const RANKS = Object.fromEntries(LOG_LEVELS.map((level, rank) => [level, rank])) as Record<LogLevel, number>;

/** Makes the hub's logger. Fields with the name of a secret are masked, at the top and one level below. */
export function createLogger({ level, format, output }: LogOptions): RootLogger {
  return new Root(level, (logLost) => {
    const lines: LogOutput = output ?? new LineWriter(STANDARD_OUTPUT, systemClock, logLost);
    return format === 'json'
      ? jsonSink(lines)
      : textSink(lines, output === undefined && isatty(STANDARD_OUTPUT));
  });
}

/** Where the lines of a family of loggers go. */
interface Sink {
  line(level: LogLevel, message: string, fields: LogFields): void;
  announce(message: string): void;
  flush(): Promise<void>;
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

/** What a whole family of loggers shares. */
class Family {
  readonly sink: Sink;
  level: LogLevel;
  rank: number;
  tracing: boolean;

  constructor(level: LogLevel, sink: Sink) {
    this.sink = sink;
    this.level = level;
    this.rank = RANKS[level];
    this.tracing = level === 'trace';
  }

  set(level: LogLevel): void {
    this.level = level;
    this.rank = RANKS[level];
    this.tracing = level === 'trace';
  }
}

class HubLogger implements Logger {
  protected readonly family: Family;
  /** On all its lines; undefined for none. */
  readonly #fields: LogFields | undefined;

  constructor(family: Family, fields?: LogFields) {
    this.family = family;
    this.#fields = fields;
  }

  trace(fields: LogFields | string, message?: string): void {
    this.#write('trace', fields, message);
  }

  debug(fields: LogFields | string, message?: string): void {
    this.#write('debug', fields, message);
  }

  info(fields: LogFields | string, message?: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: LogFields | string, message?: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: LogFields | string, message?: string): void {
    this.#write('error', fields, message);
  }

  fatal(fields: LogFields | string, message?: string): void {
    this.#write('fatal', fields, message);
  }

  isLevelEnabled(level: LogLevel): boolean {
    return RANKS[level] >= this.family.rank;
  }

  get tracing(): boolean {
    return this.family.tracing;
  }

  child(fields: LogFields): Logger {
    return new HubLogger(this.family, { ...this.#fields, ...fields });
  }

  #write(level: LogLevel, fields: LogFields | string, message = ''): void {
    if (!this.isLevelEnabled(level)) return;
    if (typeof fields === 'string') this.family.sink.line(level, fields, maskSecrets(this.#fields ?? {}));
    else this.family.sink.line(level, message, maskSecrets(this.#with(fields)));
  }

  #with(fields: LogFields): LogFields {
    return this.#fields === undefined ? fields : { ...this.#fields, ...fields };
  }
}

class Root extends HubLogger implements RootLogger {
  /** @param makeSink is given what is to be called when lines were lost */
  constructor(level: LogLevel, makeSink: (logLost: (lost: number) => void) => Sink) {
    const logLost = (lost: number) => this.warn({ lost }, 'log lines lost: nobody read them in time');
    super(new Family(level, makeSink(logLost)));
  }

  get level(): LogLevel {
    return this.family.level;
  }

  set level(level: LogLevel) {
    this.family.set(level);
  }

  announce(message: string): void {
    this.family.sink.announce(message);
  }

  flush(): Promise<void> {
    return this.family.sink.flush();
  }
}
