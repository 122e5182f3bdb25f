/** A thread that feeds one target until its time is up or an input breaks it. Started by `campaign.ts`. */

import { parentPort, workerData } from 'node:worker_threads';
import { Blackboard } from './blackboard.js';
import { nextInput } from './inputs.js';
import { Random } from './random.js';

export interface WorkerOrder {
  readonly module: string;
  readonly corpus: readonly Uint8Array[];
  readonly seed: number;
  readonly milliseconds: number;
  /** Of the {@link Blackboard}. */
  readonly memory: SharedArrayBuffer;
}

/** What the worker says at its end: the error of the last input, or undefined when all went well. */
export interface WorkerReport {
  readonly error: string | undefined;
}

/** Inputs between two looks at the clock. */
const STRIDE = 32;

function fuzzUntil(deadline: number, fuzz: (bytes: Buffer) => unknown, order: WorkerOrder): WorkerReport {
  const random = new Random(order.seed);
  const board = new Blackboard(order.memory);
  const corpus = order.corpus.map((bytes) => Buffer.from(bytes));
  do {
    for (let left = STRIDE; left > 0; left--) {
      const input = nextInput(random, corpus);
      board.begin(input);
      try {
        fuzz(input);
      } catch (error) {
        return { error: error instanceof Error ? String(error.stack) : String(error) };
      }
    }
  } while (performance.now() < deadline);
  return { error: undefined };
}

const order = workerData as WorkerOrder;
const { fuzz } = (await import(order.module)) as { fuzz: (bytes: Buffer) => unknown };
parentPort?.postMessage(fuzzUntil(performance.now() + order.milliseconds, fuzz, order));
