import { PATIENCE } from '../support/patience.js';

/**
 * Waits until all have come.
 * @param progress as long as it changes within the deadline there is nothing to complain about
 * @throws Error when they have not in time
 */
export async function inTime(
  what: string,
  awaited: readonly Promise<unknown>[],
  progress: () => number = () => 0,
): Promise<void> {
  let seen = progress();
  let impatience: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    impatience = setInterval(() => {
      if (progress() === seen) reject(new Error(`${what}: not within ${PATIENCE} ms`));
      seen = progress();
    }, PATIENCE);
  });
  try {
    await Promise.race([Promise.all(awaited), tooLate]);
  } finally {
    clearInterval(impatience);
  }
}
