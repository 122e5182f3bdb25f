import type { Sequence } from './sequence.js';
import { Stage } from './stage.js';

/** Plays one sequence on a hub of its own. @throws Error that names the step which failed */
export async function play(sequence: Sequence): Promise<void> {
  const stage = await Stage.open(sequence);
  try {
    for (const [i, step] of sequence.steps.entries()) {
      try {
        await step.run(stage);
      } catch (error) {
        throw new Error(`step ${i + 1}, ${step.what}: ${(error as Error).message}`, { cause: error });
      }
    }
  } finally {
    await stage.close();
  }
}
