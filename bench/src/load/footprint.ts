import { setTimeout as sleep } from 'node:timers/promises';
import type { Footprint, Job } from './job.js';
import { openAll } from './open-all.js';
import { residentMemory } from './resident-memory.js';

/** How long the peer gets to put its memory in order: V8 may collect what a burst has left 10 to 20 s after it. */
const SETTLE_MS = 30_000;

/**
 * Looks at the peer's memory before and after all clients have come.
 * @param open has one client come, by its number
 */
export async function measureFootprint(
  connections: number,
  { pid }: Job,
  open: (index: number) => Promise<void>,
): Promise<Footprint> {
  await sleep(SETTLE_MS);
  const before = residentMemory(pid);
  const indexes = Array.from({ length: connections }, (_, index) => index);
  await openAll(indexes, open);
  await sleep(SETTLE_MS);
  return { kind: 'footprint', before, after: residentMemory(pid), connections };
}
