import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FREE_DEFAULT_PORTS, FREE_PORTS, namedGateways } from './configuration.js';
import { PATIENCE, patience } from './patience.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BINARY = join(ROOT, 'bin/portico');
const CONFIG_FILE = 'portico.yaml';
const READY = /Portico \S+ is running/;
const LISTENING = /Listening on (\S+) at (\S+):(\d+)/;

/** The management API of no two hubs can have the same port, whatever the configuration says of gateways. */
const FREE_MANAGEMENT_PORT = { PORTICO_MANAGEMENT__BIND: '127.0.0.1:0' };

/** The environment without what would configure a hub. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PORTICO_')));
}

export interface PorticoOptions {
  /** YAML; {@link FREE_PORTS} unless given. */
  readonly config?: string;
  /** Whether gateways that the configuration does not name run too, on free ports; else they do not run. */
  readonly allGateways?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Kills it, with SIGKILL, if it does not run by then: its start fails. */
  readonly signal?: AbortSignal;
}

function configurationOf({ config, allGateways }: PorticoOptions): string {
  if (config === undefined) return FREE_PORTS;
  return allGateways ? config : namedGateways(config);
}

/** `bin/portico start` as a process of its own, as users run it. */
export class Portico {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #lines: string[] = [];
  readonly #ports = new Map<string, number>();

  private constructor(child: ChildProcess, folder: string) {
    this.#process = child;
    this.#folder = folder;
  }

  /** Starts and waits until it says that it is running. */
  static async start(options: PorticoOptions = {}): Promise<Portico> {
    const folder = await mkdtemp(join(tmpdir(), 'portico-test-'));
    const file = join(folder, CONFIG_FILE);
    await writeFile(file, configurationOf(options));
    const child = spawn(BINARY, ['start', '-c', file], {
      cwd: folder,
      env: {
        ...cleanEnvironment(),
        ...FREE_MANAGEMENT_PORT,
        ...(options.allGateways && FREE_DEFAULT_PORTS),
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const portico = new Portico(child, folder);
    const kill = () => child.kill('SIGKILL');
    options.signal?.addEventListener('abort', kill);
    try {
      await portico.#ready();
    } catch (error) {
      await portico.stop('SIGKILL');
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', kill);
    }
    return portico;
  }

  /** Its configuration file. */
  get file(): string {
    return join(this.#folder, CONFIG_FILE);
  }

  /** Everything printed so far, on both outputs. */
  get output(): string {
    return this.#lines.join('\n');
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** Sends a signal that it lives on after. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** @param listener full name: `mqtt:tcp:default` */
  port(listener: string): number {
    const port = this.#ports.get(listener);
    if (port === undefined) throw new Error(`no listener ${listener} in:\n${this.output}`);
    return port;
  }

  /** Sends a signal and waits for the end. @returns the exit code, or the signal's name */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) {
      this.#process.kill(signal);
      await once(this.#process, 'exit', { signal: patience() });
    }
    await rm(this.#folder, { recursive: true, force: true });
    return this.#process.exitCode ?? this.#process.signalCode ?? 'unknown';
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}:\n${this.output}`));
      const timeout = setTimeout(() => fail('not running in time'), PATIENCE);
      this.#process.once('exit', (code) => {
        clearTimeout(timeout);
        fail(`ended with ${code}`);
      });
      for (const stream of [this.#process.stdout, this.#process.stderr]) {
        if (stream === null) continue;
        createInterface({ input: stream }).on('line', (line) => {
          this.#lines.push(line);
          const listening = LISTENING.exec(line);
          if (listening !== null) this.#ports.set(listening[1] as string, Number(listening[3]));
          if (!READY.test(line)) return;
          clearTimeout(timeout);
          resolve();
        });
      }
    });
  }
}
