import type { EventEmitter } from 'node:events';
import {
  type Clock,
  createLogger,
  type LogOutput,
  PorticoError,
  type RootLogger,
  systemClock,
} from '@portico/core';
import type { PorticoConfig } from '../config-schema.js';
import { type Runtime, runUntilStopped } from '../lifecycle.js';
import { loadPorticoConfig } from '../load-portico-config.js';
import { PorticoRuntime } from '../portico-runtime.js';
import { errorText, problemsText } from '../report.js';
import { RuntimeConfig } from '../runtime-config.js';

export interface StartOptions {
  /** As given with `-c`. */
  readonly file: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  /** Makes what the configuration describes; nothing runs before its `start`. */
  readonly createRuntime: (config: PorticoConfig, log: RootLogger) => Promise<Runtime>;
  readonly clock: Clock;
  /** Gives out signals and what nobody caught: the process. */
  readonly host: EventEmitter;
  readonly stderr: { write(text: string): unknown };
  /** Where the log goes; the default is standard output. */
  readonly output?: LogOutput;
}

/**
 * Runs Portico in the foreground until it is told to stop.
 * @returns the exit code with which the process is to end at once, see {@link runUntilStopped}
 */
export async function start(options: StartOptions): Promise<number> {
  const { stderr, version, clock, host, output } = options;
  try {
    const loaded = loadPorticoConfig(options.file, options.env);
    if (!loaded.ok) {
      stderr.write(problemsText(loaded));
      return 1;
    }
    const { config, warnings } = loaded;
    const log = createLogger({ ...config.log, ...(output && { output }) });
    for (const warning of warnings) log.warn(warning);
    const runtime = await options.createRuntime(config, log);
    return await runUntilStopped({ runtime, version, log, clock, host, stderr });
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    stderr.write(errorText(error));
    return 1;
  }
}

/** Runs the hub, and its management API, in this process. */
export function startHub(file: string | undefined, version: string): Promise<number> {
  return start({
    file,
    env: process.env,
    version,
    createRuntime: (config, log) =>
      PorticoRuntime.create(config, new RuntimeConfig(file, process.env, config.node.data_dir), version, log),
    clock: systemClock,
    host: process,
    stderr: process.stderr,
  });
}
