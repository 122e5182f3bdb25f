import { isatty } from 'node:tty';
import { destination, pino } from 'pino';
import { MASK, SECRET_FIELDS } from '../config/secrets.js';
import { textFormatter } from './log-line.js';
import { LOG_LEVELS, type Logger, type LogLevel } from './logger.js';

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** `text`: a line for people; `json`: an object a line, with `time` in milliseconds since 1970. */
  readonly format: LogFormat;
  /** Where lines go, each at once, so that none is lost when the process ends. The default is standard output. */
  readonly output?: LogOutput;
}

export interface LogOutput {
  write(text: string): void;
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
}

type Fields = Readonly<Record<string, unknown>>;

const STANDARD_OUTPUT = 1;

const RANKS = Object.fromEntries(LOG_LEVELS.map((level, rank) => [level, rank])) as Record<LogLevel, number>;

/** Makes the hub's logger. Fields with the name of a secret are masked, at the top and one level below. */
export function createLogger({ level, format, output }: LogOptions): RootLogger {
  const lines = output ?? destination({ dest: STANDARD_OUTPUT, sync: true });
  const toText = textFormatter(output === undefined && isatty(STANDARD_OUTPUT));
  const isJson = format === 'json';
  const base = pino(
    {
      level: 'trace',
      base: null,
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: MASK },
      ...(isJson && { formatters: { level: (label: string) => ({ level: label }) } }),
    },
    isJson ? lines : { write: (json: string) => lines.write(toText(json)) },
  );
  const announce = (message: string) => (isJson ? base.info(message) : lines.write(`${message}\n`));
  return new Root(base, new Threshold(level), announce);
}

/** The level that a whole family of loggers shares. */
class Threshold {
  level: LogLevel;
  rank: number;

  constructor(level: LogLevel) {
    this.level = level;
    this.rank = RANKS[level];
  }

  set(level: LogLevel): void {
    this.level = level;
    this.rank = RANKS[level];
  }
}

/** Its pino logger is made when the first line is written: most connections never write one. */
class HubLogger implements Logger {
  protected readonly threshold: Threshold;
  readonly #parent: HubLogger | pino.Logger;
  readonly #fields: Fields;
  #pino: pino.Logger | undefined = undefined;

  constructor(parent: HubLogger | pino.Logger, threshold: Threshold, fields: Fields = {}) {
    this.#parent = parent;
    this.threshold = threshold;
    this.#fields = fields;
  }

  trace(fields: Fields | string, message?: string): void {
    this.#write('trace', fields, message);
  }

  debug(fields: Fields | string, message?: string): void {
    this.#write('debug', fields, message);
  }

  info(fields: Fields | string, message?: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: Fields | string, message?: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: Fields | string, message?: string): void {
    this.#write('error', fields, message);
  }

  fatal(fields: Fields | string, message?: string): void {
    this.#write('fatal', fields, message);
  }

  isLevelEnabled(level: LogLevel): boolean {
    return RANKS[level] >= this.threshold.rank;
  }

  child(fields: Fields): Logger {
    return new HubLogger(this, this.threshold, fields);
  }

  #write(level: LogLevel, fields: Fields | string, message: string | undefined): void {
    if (!this.isLevelEnabled(level)) return;
    if (typeof fields === 'string') this.#target()[level](fields);
    else this.#target()[level](fields, message);
  }

  #target(): pino.Logger {
    if (this.#pino === undefined) {
      const parent = this.#parent instanceof HubLogger ? this.#parent.#target() : this.#parent;
      this.#pino = parent.child(this.#fields);
    }
    return this.#pino;
  }
}

class Root extends HubLogger implements RootLogger {
  readonly announce: (message: string) => void;

  constructor(base: pino.Logger, threshold: Threshold, announce: (message: string) => void) {
    super(base, threshold);
    this.announce = announce;
  }

  get level(): LogLevel {
    return this.threshold.level;
  }

  set level(level: LogLevel) {
    this.threshold.set(level);
  }
}
