import { AcknowledgingConnection } from './acknowledging-connection.js';
import type { DurableLoad } from './job.js';
import { leaveSession } from './leave-session.js';
import { openAll } from './open-all.js';
import { WindowPublishers } from './publishers.js';
import type { RunningLoad } from './window.js';

const TOPIC = 'bench/durable';
const QOS = 1;

/** Publishers of messages for a client that has subscribed and gone; their acknowledgements are counted. */
export async function startDurableLoad(load: DurableLoad, port: number): Promise<RunningLoad> {
  await leaveSession(port, 'away', `${TOPIC}/#`);
  const topics = Array.from({ length: load.publishers }, (_, index) => [`${TOPIC}/${index}`]);
  const opened = await openAll(topics, async (own, index) => {
    const connection = new AcknowledgingConnection(() => {});
    await connection.connect({ port, tls: false }, `publisher-${index}`);
    return { connection, topics: own };
  });
  const publishers = new WindowPublishers(opened, Buffer.alloc(load.payloadBytes, 'x'), QOS, load.inFlight);
  return {
    get expected() {
      return publishers.sent;
    },
    get received() {
      return publishers.acknowledged;
    },
    latencies: undefined,
    stop: () => publishers.stop(),
  };
}
