/** A process that feeds one target until its time is up or an input breaks it. Started by `campaign.ts`. */

import { Random } from '../support/random.js';
import { Blackboard } from './blackboard.js';
import { nextInput } from './inputs.js';

export interface Order {
  /** URL of the module that exports `fuzz`. */
  readonly module: string;
  readonly corpus: readonly Uint8Array[];
  readonly seed: number;
  readonly milliseconds: number;
  /** Path of the {@link Blackboard}. */
  readonly board: string;
}

/** What the process says before it ends: the error of the last input, or undefined when all went well. */
export interface Report {
  readonly error: string | undefined;
}

/** Inputs between two looks at the clock. */
const STRIDE = 32;

async function work(order: Order): Promise<Report> {
  const { fuzz } = (await import(order.module)) as { fuzz: (bytes: Buffer) => unknown };
  const deadline = performance.now() + order.milliseconds;
  const random = new Random(order.seed);
  const board = Blackboard.open(order.board);
  const corpus = order.corpus.map((bytes) => Buffer.from(bytes));
  do {
    for (let left = STRIDE; left > 0; left--) {
      const input = nextInput(random, corpus);
      board.begin(input);
      try {
        await fuzz(input);
      } catch (error) {
        return { error: error instanceof Error ? String(error.stack) : String(error) };
      }
    }
  } while (performance.now() < deadline);
  return { error: undefined };
}

process.once('message', (order: Order) => {
  work(order).then((report) => process.send?.(report, () => process.disconnect()));
});
