import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE } from './patience.js';

/** Looks again every few milliseconds until a condition holds that no event announces (a counter, a file). */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
    await delay(5);
  }
}
