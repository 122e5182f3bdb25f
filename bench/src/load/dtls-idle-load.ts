import { once } from 'node:events';
import { addressOf } from './addresses.js';
import { openDtls } from './dtls-client.js';
import { measureFootprint } from './footprint.js';
import type { DtlsIdleLoad, Footprint, Job } from './job.js';

/** An empty confirmable message, RFC 7252 §4.3: whoever gets it answers. */
const PING = Buffer.from('40000001', 'hex');

/** Opens all sessions; a record has gone each way. */
export function measureSessions({ sessions }: DtlsIdleLoad, job: Job): Promise<Footprint> {
  return measureFootprint(sessions, job, async (index) => {
    const wire = await openDtls(job.port, addressOf(index));
    const answered = once(wire, 'message');
    wire.send(PING);
    await answered;
    wire.socket.close();
  });
}
