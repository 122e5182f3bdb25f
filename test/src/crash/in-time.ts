/** Milliseconds that anything may take before it counts as not coming at all. */
const DEADLINE = 30_000;

/** Waits until all have come. @throws Error when they have not in time */
export async function inTime(what: string, awaited: readonly Promise<unknown>[]): Promise<void> {
  let impatience: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    impatience = setTimeout(() => reject(new Error(`${what}: not within ${DEADLINE} ms`)), DEADLINE);
  });
  try {
    await Promise.race([Promise.all(awaited), tooLate]);
  } finally {
    clearTimeout(impatience);
  }
}
