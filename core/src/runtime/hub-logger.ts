import { PorticoError } from './errors.js';
import type { LogConfig } from './log-config.js';
import { LogHandler, type LogHandlerOptions, type LogSink } from './log-handler.js';
import { flattened } from './log-limits.js';
import {
  type ConsoleOutput,
  checkFile,
  consoleOutput,
  consoleSink,
  fileSink,
  type LogOutput,
  type LogStyle,
} from './log-sinks.js';
import { DEFAULT_TIME_FORMAT } from './log-time.js';
import { LEVEL_RANKS, LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './logger.js';
import { maskSecrets } from './mask.js';
import type { Rotation } from './rotating-file.js';

/** What the configuration says of the log, and where standard output is; without a rotation there are no files. */
export interface LogOptions
  extends Pick<LogConfig, 'level' | 'format'>,
    Partial<Omit<LogConfig, 'level' | 'format'>> {
  /** What stands in for standard output. */
  readonly output?: LogOutput;
}

/** The logger that all others are children of. */
export interface RootLogger extends Logger {
  /**
   * The least important level that is let through at all. Setting it, at any time, sets that of all handlers, too, but for
   * those that are for certain levels alone.
   */
  level: LogLevel;
  /** The same level; setting it leaves those of the handlers. */
  primaryLevel: LogLevel;
  /** Where lines go, or could go: the console, the file, and the files of single levels. */
  readonly handlers: readonly LogHandler[];
  /** Called when a file cannot be written any more, with the reason; without one when it can be again. */
  onFault:
    | ((handler: Pick<LogHandler, 'id' | 'destination'>, reason: string | undefined) => void)
    | undefined;
  /** How many times a file could not be written any more. */
  readonly faults: number;
  /** Lines that could not be written, also where the log does not go any more. */
  readonly lost: number;
  /**
   * Writes a message whatever the level: alone on its line in the text format, as an `info` line in the JSON
   * format. For the few lines that tools wait for.
   */
  announce(message: string): void;
  /**
   * Makes sure that lines can go where another configuration wants them.
   * @returns goes by it from now on, but for its level; handlers that somebody has started or stopped stay so, unless it says
   *   something else than the configuration before
   * @throws PorticoError `PORTICO_ERR_LOG_FILE` when a file can never be written to
   */
  prepare(config: LogConfig): () => void;
  /** Opens the files anew: whoever keeps old logs may have moved them away. */
  reopen(): void;
  /** Settles when all that has been logged is where it should be: to be awaited before the process ends. */
  flush(): Promise<void>;
}

/**
 * Makes the hub's logger. Fields with the name of a secret are masked, at the top and one level below.
 * @throws PorticoError `PORTICO_ERR_LOG_FILE` when a file can never be written to
 */
export function createLogger(options: LogOptions): RootLogger {
  return new Root(options);
}

/** What a whole family of loggers shares. */
class Family {
  handlers: readonly LogHandler[] = [];
  #level: LogLevel;
  maxDepth: number;
  /** Of the least important level that a handler takes: what nobody takes costs nothing. */
  rank = Number.POSITIVE_INFINITY;
  tracing = false;

  constructor(level: LogLevel, maxDepth: number) {
    this.#level = level;
    this.maxDepth = maxDepth;
  }

  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    this.#level = level;
    this.look();
  }

  /** Looks at what handlers take. */
  readonly look = (): void => {
    const taken = this.handlers.filter(({ started }) => started).map(({ level }) => LEVEL_RANKS[level]);
    this.rank = Math.max(LEVEL_RANKS[this.#level], Math.min(...taken));
    this.tracing = this.rank === LEVEL_RANKS.trace;
  };

  write(level: LogLevel, message: string, fields: LogFields): void {
    const shown = flattened(maskSecrets(fields), this.maxDepth);
    for (const handler of this.handlers) if (handler.takes(level)) handler.line(level, message, shown);
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
    return LEVEL_RANKS[level] >= this.family.rank;
  }

  get tracing(): boolean {
    return this.family.tracing;
  }

  child(fields: LogFields): Logger {
    return new HubLogger(this.family, { ...this.#fields, ...fields });
  }

  #write(level: LogLevel, fields: LogFields | string, message = ''): void {
    if (!this.isLevelEnabled(level)) return;
    if (typeof fields === 'string') this.family.write(level, fields, this.#fields ?? {});
    else this.family.write(level, message, this.#with(fields));
  }

  #with(fields: LogFields): LogFields {
    return this.#fields === undefined ? fields : { ...this.#fields, ...fields };
  }
}

class Root extends HubLogger implements RootLogger {
  onFault: RootLogger['onFault'];
  faults = 0;
  readonly #output: ConsoleOutput;
  /** Open whether its handler is started or not, for what is announced. */
  #console: LogSink;
  /** By which it goes. */
  #options: LogOptions;
  /** Handlers that are none any more, until they are closed. */
  readonly #gone = new Set<LogHandler>();
  #lostByGone = 0;

  constructor(options: LogOptions) {
    super(new Family(options.level, numberOf(options.max_depth ?? 'unlimited')));
    this.#output = consoleOutput(options.output, (lost) => this.#tellLost('console', lost));
    this.#console = consoleSink(styleOf(options), this.#output);
    this.#options = options;
    this.family.handlers = this.#plans(options).map((plan) => new LogHandler(plan));
    this.family.look();
  }

  prepare(config: LogConfig): () => void {
    for (const { id, destination, started } of this.#plans(config)) {
      if (started && id !== CONSOLE) checkFile({ path: destination, rotation: config.rotation });
    }
    return () => this.#adjust(config);
  }

  #adjust(config: LogConfig): void {
    const { to } = this.#options;
    const known = new Map(this.handlers.map((handler) => [handler.id, handler]));
    this.#options = config;
    this.#console = consoleSink(styleOf(config), this.#output);
    this.family.maxDepth = numberOf(config.max_depth);
    const faults: PorticoError[] = [];
    this.family.handlers = this.#plans({ ...config, level: this.level }).map((plan) => {
      const handler = known.get(plan.id) ?? new LogHandler({ ...plan, started: false });
      const started = known.has(plan.id) && to === config.to ? handler.started : plan.started;
      known.delete(plan.id);
      faults.push(...this.#adjustHandler(handler, { ...plan, started }));
      return handler;
    });
    for (const gone of known.values()) void this.#letGo(gone);
    this.family.look();
    for (const { code, message } of faults) this.error({ code }, message);
  }

  /** @returns why it goes on as before, if it does: its file could be written to a moment ago */
  #adjustHandler(handler: LogHandler, plan: LogHandlerOptions): PorticoError[] {
    if (handler.fault !== undefined) this.onFault?.(handler, undefined);
    try {
      handler.adjust(plan);
      return [];
    } catch (error) {
      if (error instanceof PorticoError) return [error];
      throw error;
    }
  }

  async #letGo(handler: LogHandler): Promise<void> {
    this.#gone.add(handler);
    await handler.stop();
    this.#gone.delete(handler);
    this.#lostByGone += handler.lost;
  }

  get lost(): number {
    return [...this.handlers, ...this.#gone].reduce((sum, { lost }) => sum + lost, this.#lostByGone);
  }

  #plans(options: LogOptions): LogHandlerOptions[] {
    return [this.#consolePlan(options), ...this.#filePlans(options)];
  }

  get level(): LogLevel {
    return this.family.level;
  }

  set level(level: LogLevel) {
    for (const handler of this.handlers) if (handler.followsLevel) handler.level = level;
    this.family.level = level;
  }

  get primaryLevel(): LogLevel {
    return this.family.level;
  }

  set primaryLevel(level: LogLevel) {
    this.family.level = level;
  }

  get handlers(): readonly LogHandler[] {
    return this.family.handlers;
  }

  announce(message: string): void {
    this.#console.announce(message);
    for (const handler of this.handlers) {
      if (handler.id !== CONSOLE && (handler.followsLevel || handler.takes('info')))
        handler.announce(message);
    }
  }

  reopen(): void {
    for (const handler of this.handlers) handler.reopen();
  }

  async flush(): Promise<void> {
    const all = [this.#console, ...this.handlers, ...this.#gone];
    await Promise.all(all.map((each) => each.flush()));
  }

  #consolePlan(options: LogOptions): LogHandlerOptions {
    const { to = 'console', level } = options;
    return {
      id: CONSOLE,
      destination: CONSOLE,
      level,
      followsLevel: true,
      started: to === 'console' || to === 'both',
      open: () => consoleSink(styleOf(options), this.#output),
      onChange: this.family.look,
    };
  }

  /** One for the file, though it may not be started, and one for each level that has a file of its own. */
  *#filePlans(options: LogOptions): Generator<LogHandlerOptions> {
    const { to = 'console', level, file } = options;
    if (file !== undefined) {
      const started = to === 'file' || to === 'both';
      yield this.#filePlan(options, { id: 'file', path: file, level, followsLevel: true, started });
    }
    for (const only of LOG_LEVELS) {
      const path = options[only]?.file;
      if (path === undefined) continue;
      const id = `${only}.file`;
      yield this.#filePlan(options, { id, path, level: only, followsLevel: false, started: to !== 'off' });
    }
  }

  #filePlan(options: LogOptions, { path, ...what }: FileHandlerOptions): LogHandlerOptions {
    const { rotation = DEFAULT_ROTATION } = options;
    const style = styleOf(options);
    const onLost = (lost: number) => this.#tellLost(path, lost);
    const about = { id: what.id, destination: path };
    const onFault = (reason: string | undefined) => this.#tellFault(about, reason);
    const open = () => fileSink(style, { path, rotation }, onLost, onFault);
    const onChange = () => {
      this.family.look();
      // What is stopped has no fault any more.
      if (this.handlers.find(({ id }) => id === what.id)?.started !== true) this.onFault?.(about, undefined);
    };
    return { ...what, destination: path, open, onChange };
  }

  #tellLost(destination: string, lost: number): void {
    this.warn({ destination, lost }, 'log lines lost: they were not taken in time');
  }

  /** On the console in any case: what cannot be written into a file is not to be told in that file alone. */
  #tellFault(handler: Pick<LogHandler, 'id' | 'destination'>, reason: string | undefined): void {
    if (reason !== undefined) this.faults++;
    const { destination } = handler;
    const [level, message, fields] =
      reason === undefined
        ? (['info', 'the log file can be written again', { destination }] as const)
        : ([
            'error',
            'the log file cannot be written: its lines wait, as far as there is room',
            { destination, reason },
          ] as const);
    this[level](fields, message);
    if (this.handlers[0]?.takes(level) !== true) this.#console.line(level, message, fields);
    this.onFault?.(handler, reason);
  }
}

const CONSOLE = 'console';

/** Of files of which nothing is said; the configuration says it. */
const DEFAULT_ROTATION: Rotation = { size: 10 * 1024 * 1024, count: 5 };

interface FileHandlerOptions extends Pick<LogHandlerOptions, 'id' | 'level' | 'followsLevel' | 'started'> {
  readonly path: string;
}

function styleOf({ format, time_format, single_line, chars_limit }: LogOptions): LogStyle {
  return {
    format,
    timeFormat: time_format ?? DEFAULT_TIME_FORMAT,
    singleLine: single_line ?? false,
    charsLimit: numberOf(chars_limit ?? 'unlimited'),
  };
}

function numberOf(limit: number | 'unlimited'): number {
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : limit;
}
