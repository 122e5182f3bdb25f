import { addressOf } from './addresses.js';
import { measureFootprint } from './footprint.js';
import type { Footprint, Job, MqttSnAsleepLoad } from './job.js';
import { askSn, connectSn } from './mqttsn-client.js';
import { openSocket } from './udp-peer.js';

const SLEEP_SECONDS = 36_000;

/** Has all clients connect, subscribe to a topic of their own and fall asleep. */
export function measureAsleep({ clients }: MqttSnAsleepLoad, job: Job): Promise<Footprint> {
  return measureFootprint(clients, job, async (index) => {
    const socket = await openSocket(job.port, addressOf(index));
    await connectSn(socket, `asleep-${index}`);
    const subscribe = { type: 'subscribe', dup: false, qos: 1, msgId: 1, topicIdType: 0 } as const;
    const subscribed = await askSn(socket, { ...subscribe, topicName: `bench/asleep/${index}` });
    const fellAsleep = await askSn(socket, { type: 'disconnect', duration: SLEEP_SECONDS });
    if (subscribed.type !== 'suback' || fellAsleep.type !== 'disconnect')
      throw new Error(`the peer answered ${subscribed.type}, ${fellAsleep.type}`);
    socket.close();
  });
}
