import { addressOf } from './addresses.js';
import { measureFootprint } from './footprint.js';
import type { Footprint, Job, Lwm2mIdleLoad } from './job.js';
import { registerDevice } from './lwm2m-device.js';
import { openSocket } from './udp-peer.js';

/** Has all devices register. */
export function measureRegistered({ devices }: Lwm2mIdleLoad, job: Job): Promise<Footprint> {
  return measureFootprint(devices, job, async (index) => {
    const socket = await openSocket(job.port, addressOf(index));
    await registerDevice(socket, `idle-${index}`);
    socket.close();
  });
}
