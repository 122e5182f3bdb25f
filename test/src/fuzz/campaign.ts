import { Worker } from 'node:worker_threads';
import { Blackboard } from './blackboard.js';
import type { FuzzTarget } from './targets.js';
import type { WorkerOrder, WorkerReport } from './worker.js';

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

/** Heap of a worker in MiB: an input of a few KiB has no business to need more. */
const HEAP_LIMIT = 256;

/** Feeds one target in a thread of its own, watching that every input comes to an end. */
export async function fuzzTarget(target: FuzzTarget, options: CampaignOptions): Promise<Outcome> {
  const { seed, milliseconds } = options;
  const board = new Blackboard();
  const { module, corpus } = target;
  const order: WorkerOrder = { module, corpus, seed, milliseconds, memory: board.memory };
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT },
  });
  const reason = await Promise.race([ended(worker), hung(worker, board, options.hang)]);
  const inputs = board.count >>> 0;
  const failure = reason === undefined ? undefined : { input: board.input, reason };
  return { target: target.name, inputs, failure };
}

/** What went wrong according to the worker, undefined for nothing. */
function ended(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve) => {
    worker.on('message', ({ error }: WorkerReport) => resolve(error));
    worker.on('error', (error) => resolve(`the thread died: ${error.message}`));
  });
}

/** Settles when no new input has begun for `limit` milliseconds; the worker is ended then. */
function hung(worker: Worker, board: Blackboard, limit: number): Promise<string> {
  return new Promise((resolve) => {
    let seen = -1;
    const watch = setInterval(() => {
      if (board.count === seen) {
        clearInterval(watch);
        worker.terminate().then(() => resolve(`no end after ${limit} ms`));
      }
      seen = board.count;
    }, limit);
    worker.on('exit', () => clearInterval(watch));
  });
}
