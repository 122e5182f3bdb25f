import { type LogLost, makeSink, type Sink, type SinkOptions } from './log-sinks.js';
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './logger.js';
import { maskSecrets } from './mask.js';

export interface LogOptions extends SinkOptions {
  readonly level: LogLevel;
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

const RANKS = Object.fromEntries(LOG_LEVELS.map((level, rank) => [level, rank])) as Record<LogLevel, number>;

/**
 * Makes the hub's logger. Fields with the name of a secret are masked, at the top and one level below.
 * @throws PorticoError `PORTICO_ERR_LOG_FILE` when the file cannot be written to
 */
export function createLogger(options: LogOptions): RootLogger {
  return new Root(options.level, (logLost) => makeSink(options, logLost));
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
  constructor(level: LogLevel, makeSink: (logLost: LogLost) => Sink) {
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
