import type { LogFields, LogLevel } from './logger.js';
import { LEVEL_RANKS } from './logger.js';

/** What writes the lines of a log somewhere, while it is open. */
export interface LogSink {
  line(level: LogLevel, message: string, fields: LogFields): void;
  announce(message: string): void;
  /** Settles when all has been written. */
  flush(): Promise<void>;
  /** What is written from now on goes into a file that has its name then: the one there may have been moved away. */
  reopen(): void;
  /** Lets go of what it writes into; what cannot be written now is lost. */
  close(): Promise<void>;
  /** Lines that nobody took in time, or that could not be written, since it was opened. */
  readonly lost: number;
  /** Why nothing can be written at present. */
  readonly fault: string | undefined;
}

export interface LogHandlerOptions {
  /** `console`, or the key of its file below `log`: `file`, `error.file`. */
  readonly id: string;
  /** `console`, or the path of the file. */
  readonly destination: string;
  readonly level: LogLevel;
  /** Whether it has the level that is set for the whole log; one for certain levels alone keeps its own. */
  readonly followsLevel: boolean;
  readonly started: boolean;
  /** @throws PorticoError `PORTICO_ERR_LOG_FILE` */
  readonly open: () => LogSink;
  /** Called when its level is another, or it is started or stopped. */
  readonly onChange: () => void;
}

/** One of the places that a log goes to. It takes what the whole log lets through, as far as its own level does. */
export class LogHandler {
  readonly id: string;
  readonly followsLevel: boolean;
  #destination: string;
  #open: () => LogSink;
  readonly #onChange: () => void;
  #level: LogLevel;
  /** Undefined while it is stopped. */
  #sink: LogSink | undefined;
  /** Earlier ones that are not closed yet. */
  readonly #closing = new Set<LogSink>();
  /** Lines that those have lost that are closed. */
  #lostBefore = 0;

  /** @throws PorticoError `PORTICO_ERR_LOG_FILE` when it is to be started and its file can never be written to */
  constructor({ id, destination, level, followsLevel, started, open, onChange }: LogHandlerOptions) {
    this.id = id;
    this.#destination = destination;
    this.followsLevel = followsLevel;
    this.#open = open;
    this.#onChange = onChange;
    this.#level = level;
    if (started) this.#sink = open();
  }

  /** `console`, or the path of the file. */
  get destination(): string {
    return this.#destination;
  }

  /**
   * Goes by other options from now on. What is on its way is still written to where it was to go.
   * @throws PorticoError `PORTICO_ERR_LOG_FILE` when its file can never be written to; it goes on as before then
   */
  adjust({ destination, started, open }: Pick<LogHandlerOptions, 'destination' | 'started' | 'open'>): void {
    const sink = started ? open() : undefined;
    // The last lines of the sink of before may have filled a file of the same name, which was moved away then.
    void this.#leave().then(() => sink?.reopen());
    this.#sink = sink;
    this.#open = open;
    this.#destination = destination;
  }

  /** Settles when what was written to has been closed. */
  async #leave(): Promise<void> {
    const sink = this.#sink;
    if (sink === undefined) return;
    this.#sink = undefined;
    this.#closing.add(sink);
    await sink.close();
    this.#closing.delete(sink);
    this.#lostBefore += sink.lost;
  }

  /** The least important level that it takes; may be set at any time. */
  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    this.#level = level;
    this.#onChange();
  }

  get started(): boolean {
    return this.#sink !== undefined;
  }

  /** Lines that could not be written since the start of the process. */
  get lost(): number {
    let lost = this.#lostBefore + (this.#sink?.lost ?? 0);
    for (const sink of this.#closing) lost += sink.lost;
    return lost;
  }

  /** Why nothing can be written at present. */
  get fault(): string | undefined {
    return this.#sink?.fault;
  }

  /** @throws PorticoError `PORTICO_ERR_LOG_FILE` when its file can never be written to */
  start(): void {
    if (this.#sink !== undefined) return;
    this.#sink = this.#open();
    this.#onChange();
  }

  /** Lines that are on their way are still written, if they can be. Settles when its file is closed. */
  async stop(): Promise<void> {
    if (this.#sink === undefined) return;
    const left = this.#leave();
    this.#onChange();
    await left;
  }

  takes(level: LogLevel): boolean {
    return this.#sink !== undefined && LEVEL_RANKS[level] >= LEVEL_RANKS[this.#level];
  }

  line(level: LogLevel, message: string, fields: LogFields): void {
    this.#sink?.line(level, message, fields);
  }

  announce(message: string): void {
    this.#sink?.announce(message);
  }

  reopen(): void {
    this.#sink?.reopen();
  }

  async flush(): Promise<void> {
    await Promise.all([this.#sink, ...this.#closing].map((sink) => sink?.flush()));
  }
}
