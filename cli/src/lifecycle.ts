import type { EventEmitter } from 'node:events';
import { type Cancel, type Clock, PorticoError, type RootLogger } from '@portico/core';
import { errorText } from './report.js';

/** What is started and stopped: the hub, or a stand-in for it. */
export interface Runtime {
  /** @throws PorticoError for what the operator can put right; nothing runs then */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Reads the files that the configuration names anew. @returns what was not good, which has been logged */
  reload(): Promise<readonly PorticoError[]>;
  /** Those that accept. */
  readonly listeners: readonly {
    readonly name: string;
    readonly address: { readonly host: string; readonly port: number };
  }[];
}

export interface LifecycleOptions {
  readonly runtime: Runtime;
  readonly version: string;
  readonly log: RootLogger;
  readonly clock: Clock;
  /** Gives out signals and what nobody caught: the process. */
  readonly host: EventEmitter;
  readonly stderr: { write(text: string): unknown };
}

/** Milliseconds that a graceful stop may take. */
const STOP_TIME = 5000;
/** Milliseconds that the log gets at the end to reach whoever reads it. */
const FLUSH_TIME = 500;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const RELOAD_SIGNAL = 'SIGHUP';
const UNCAUGHT = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Starts the runtime, says which listeners accept and that it runs, reloads it at each SIGHUP, and stops it at
 * the first SIGTERM or SIGINT. The promise settles with the exit code of the process, which is to end at once
 * then: 0 after a graceful stop, 1 when the start failed, when something was thrown that nobody caught, when
 * the stop takes too long, or at a second signal.
 */
export function runUntilStopped(options: LifecycleOptions): Promise<number> {
  return new Lifecycle(options).run();
}

class Lifecycle {
  readonly #options: LifecycleOptions;
  #state: 'starting' | 'running' | 'stopping' = 'starting';
  #exit: (code: number) => void = () => {};
  #cancelDeadline: Cancel = () => {};
  #reloading: Promise<void> = Promise.resolve();

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  async run(): Promise<number> {
    const { host } = this.#options;
    const exit = new Promise<number>((resolve) => {
      this.#exit = resolve;
    });
    for (const signal of SIGNALS) host.on(signal, this.#onSignal);
    host.on(RELOAD_SIGNAL, this.#onReload);
    for (const event of UNCAUGHT) host.on(event, this.#onUncaught);
    void this.#start();
    const code = await exit;
    this.#cancelDeadline();
    for (const signal of SIGNALS) host.off(signal, this.#onSignal);
    host.off(RELOAD_SIGNAL, this.#onReload);
    for (const event of UNCAUGHT) host.off(event, this.#onUncaught);
    await this.#flushLog();
    return code;
  }

  async #start(): Promise<void> {
    const { runtime, log, version } = this.#options;
    try {
      await runtime.start();
    } catch (error) {
      this.#startFailed(error);
      return;
    }
    if (this.#state === 'stopping') {
      await this.#stop();
      return;
    }
    this.#state = 'running';
    for (const { name, address } of runtime.listeners) {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      log.announce(`Listening on ${name} at ${host}:${address.port}`);
    }
    log.announce(`Portico ${version} is running`);
  }

  #startFailed(error: unknown): void {
    const { log, stderr } = this.#options;
    if (error instanceof PorticoError) stderr.write(errorText(error));
    else log.fatal({ err: error }, 'The start failed');
    this.#exit(1);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const { log, clock } = this.#options;
    if (this.#state === 'stopping') {
      log.warn({ signal }, 'Stopping at once');
      this.#exit(1);
      return;
    }
    const wasRunning = this.#state === 'running';
    this.#state = 'stopping';
    log.info({ signal }, 'Stopping');
    this.#cancelDeadline = clock.schedule(STOP_TIME, () => {
      log.error(`Not everything stopped within ${STOP_TIME / 1000} s`);
      this.#exit(1);
    });
    if (wasRunning) void this.#stop();
  };

  async #stop(): Promise<void> {
    const { runtime, log } = this.#options;
    try {
      await runtime.stop();
      log.info('Stopped');
      this.#exit(0);
    } catch (error) {
      log.error({ err: error }, 'The stop failed');
      this.#exit(1);
    }
  }

  #flushLog(): Promise<void> {
    const { log, clock } = this.#options;
    return new Promise((resolve) => {
      const cancel = clock.schedule(FLUSH_TIME, resolve);
      void log.flush().then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** One after the other; what is starting reads its files anyway. */
  readonly #onReload = (): void => {
    this.#reloading = this.#reloading.then(() => this.#reload());
  };

  async #reload(): Promise<void> {
    const { runtime, log } = this.#options;
    if (this.#state !== 'running') return;
    log.reopen();
    try {
      const faults = await runtime.reload();
      if (faults.length === 0) log.info('Certificates, keys and access files reloaded');
    } catch (error) {
      log.error({ err: error }, 'The reload failed');
    }
  }

  readonly #onUncaught = (error: unknown): void => {
    this.#options.log.fatal({ err: error }, 'Nobody caught this; it is a bug, please report it');
    this.#exit(1);
  };
}
