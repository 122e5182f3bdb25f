/** Levels, most telling first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The higher, the worse. */
export const LEVEL_RANKS = Object.fromEntries(LOG_LEVELS.map((level, rank) => [level, rank])) as Readonly<
  Record<LogLevel, number>
>;

/** What a line tells beside its message, by name; those that are undefined are left out. */
export type LogFields = Readonly<Record<string, unknown>>;

interface LogMethod {
  (message: string): void;
  (fields: LogFields, message: string): void;
}

/** What the hub logs with: the part of pino that is used, so that tests can pass {@link silentLogger}. */
export interface Logger {
  trace: LogMethod;
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  fatal: LogMethod;
  isLevelEnabled(level: LogLevel): boolean;
  /** Whether `trace` is enabled: for what asks for each frame. */
  readonly tracing: boolean;
  /** A logger all of whose lines have these fields too. */
  child(fields: LogFields): Logger;
}

/** Logs nothing. */
export const silentLogger: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  isLevelEnabled: () => false,
  tracing: false,
  child: () => silentLogger,
};
