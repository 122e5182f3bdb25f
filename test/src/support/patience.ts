/**
 * Milliseconds that a test waits for what it expects before it fails. A machine that is busy with something else may
 * take many times as long as usual; only a test that fails waits this long.
 */
export const PATIENCE = 30_000;

/** Aborts what a test waits for when it counts as not coming at all. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(PATIENCE);
}
