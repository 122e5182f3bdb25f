import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Blackboard } from './blackboard.js';
import type { Order, Report } from './process.js';
import type { FuzzTarget } from './targets.js';

export interface CampaignOptions {
  /** 32 bits; the same seed gives the same inputs. */
  readonly seed: number;
  readonly milliseconds: number;
  /** How long one input may take before it counts as a hang, in milliseconds. */
  readonly hang: number;
}

export interface Outcome {
  readonly target: string;
  /** Inputs tried, the failing one included. */
  readonly inputs: number;
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly input: Buffer;
  /** The error's stack, or what else went wrong. */
  readonly reason: string;
}

const PROGRAM = fileURLToPath(new URL('./process.js', import.meta.url));
/** Heap of the process in MiB: an input of a few KiB has no business to need more. */
const HEAP_LIMIT = 256;

/** Feeds one target in a process of its own, watching that every input comes to an end. */
export async function fuzzTarget(target: FuzzTarget, options: CampaignOptions): Promise<Outcome> {
  const board = Blackboard.create();
  const child = fork(PROGRAM, {
    execArgv: [`--max-old-space-size=${HEAP_LIMIT}`],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const { module, corpus } = target;
  const { seed, milliseconds, hang } = options;
  child.send({ module, corpus, seed, milliseconds, board: board.path } satisfies Order);
  const watch = watchForHang(child, board, hang);
  const reason = await untilEnd(child, hang);
  clearInterval(watch);
  const { count, input } = board.read();
  board.remove();
  return {
    target: target.name,
    inputs: count,
    failure: reason === undefined ? undefined : { input, reason },
  };
}

/** Kills the process when no new input has begun for `limit` milliseconds, once there was a first. */
function watchForHang(child: ChildProcess, board: Blackboard, limit: number): NodeJS.Timeout {
  let seen = -1;
  return setInterval(() => {
    const { count } = board.read();
    if (count > 0 && count === seen) child.kill('SIGKILL');
    seen = count;
  }, limit);
}

/** What went wrong, undefined for nothing. */
function untilEnd(child: ChildProcess, hang: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let report: Report | undefined;
    let printed = '';
    child.on('message', (message) => {
      report = message as Report;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(0, 10_000);
    });
    child.on('close', (code, signal) => {
      if (report !== undefined) resolve(report.error);
      else if (signal === 'SIGKILL') resolve(`no end after ${hang} ms`);
      else resolve(`the process died: ${causeOfDeath(printed) ?? signal ?? code}`);
    });
  });
}

/** The line in which Node.js or V8 says why it ends, if there is one. */
function causeOfDeath(printed: string): string | undefined {
  return /^(FATAL ERROR|\w*Error\b).*/m.exec(printed)?.[0];
}
