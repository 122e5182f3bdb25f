import { measureFootprint } from './footprint.js';
import type { Footprint, IdleLoad, Job } from './job.js';
import { CountingConnection } from './mqtt-connection.js';

/** Opens all connections, each with a subscription of its own. */
export function measureIdle({ connections }: IdleLoad, job: Job): Promise<Footprint> {
  return measureFootprint(connections, job, async (index) => {
    const connection = new CountingConnection(() => {});
    await connection.connect({ port: job.port, tls: false }, `idle-${index}`);
    await connection.subscribe([`bench/idle/${index}`], 0);
  });
}
