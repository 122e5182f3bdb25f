import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pinned } from '../processors.js';
import { freePort } from './free-port.js';
import type { Launch, Peer } from './peer.js';

const START_LIMIT_MS = 300_000;
const STOP_LIMIT_MS = 10_000;

/** A peer that accepts clients. */
export class RunningPeer {
  readonly port: number;
  readonly pid: number;
  readonly title: string;
  readonly settings: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(launch: Launch, process: ChildProcess, port: number, folder: string) {
    this.port = port;
    this.pid = process.pid as number;
    this.title = launch.title;
    this.settings = launch.settings;
    this.#process = process;
    this.#folder = folder;
  }

  /**
   * Starts a peer and waits until it says that it is ready.
   * @param processor the only one it may use
   * @param limitMs how long it may take
   * @throws Error with what the peer printed when it ends or takes too long
   */
  static async start(
    peer: Peer,
    processor: number | undefined,
    limitMs = START_LIMIT_MS,
  ): Promise<RunningPeer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), `portico-bench-${peer.name}-`));
    const launch = peer.launch(port, folder);
    const [program, ...args] = pinned(processor, launch.command) as [string, ...string[]];
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...launch.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const running = new RunningPeer(launch, child, port, folder);
    try {
      await untilReady(child, launch.ready, limitMs);
    } catch (error) {
      await running.stop();
      throw new Error(`${peer.name} does not start: ${(error as Error).message}`);
    }
    return running;
  }

  /** Ends the process, with SIGKILL if SIGTERM does not. */
  async stop(): Promise<void> {
    const alive = this.#process.exitCode === null && this.#process.signalCode === null;
    if (alive) {
      const exit = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      const impatience = setTimeout(() => this.#process.kill('SIGKILL'), STOP_LIMIT_MS);
      await exit;
      clearTimeout(impatience);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function untilReady(child: ChildProcess, ready: RegExp, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const limit = setTimeout(() => reject(new Error(`no sign of life. ${printed}`)), limitMs);
    const listen = (output: Readable | null) =>
      output?.setEncoding('utf8').on('data', (text: string) => {
        printed = (printed + text).slice(-4000);
        if (!ready.test(printed)) return;
        clearTimeout(limit);
        resolve();
      });
    listen(child.stdout);
    listen(child.stderr);
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`it ended with ${code ?? signal}. ${printed}`)));
  });
}
