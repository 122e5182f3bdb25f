import { setTimeout as sleep } from 'node:timers/promises';
import type { Footprint, IdleLoad, Job } from './job.js';
import { CountingConnection } from './mqtt-connection.js';
import { openAll } from './open-all.js';
import { residentMemory } from './resident-memory.js';

/** How long the peer gets to put its memory in order. */
const SETTLE_MS = 10_000;

/** Opens all connections, each with a subscription of its own, and looks at the peer's memory before and after. */
export async function measureIdle({ connections }: IdleLoad, { port, pid }: Job): Promise<Footprint> {
  await sleep(SETTLE_MS);
  const before = residentMemory(pid);
  const indexes = Array.from({ length: connections }, (_, index) => index);
  await openAll(indexes, async (index) => {
    const connection = new CountingConnection(() => {});
    await connection.connect({ port, tls: false }, `idle-${index}`);
    await connection.subscribe([`bench/idle/${index}`], 0);
  });
  await sleep(SETTLE_MS);
  return { kind: 'footprint', before, after: residentMemory(pid), connections };
}
