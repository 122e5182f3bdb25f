import { AcknowledgingConnection } from './acknowledging-connection.js';
import { ClientLists } from './client-lists.js';
import type { MqttLoad } from './job.js';
import { Latencies } from './latency.js';
import { CountingConnection, type Target } from './mqtt-connection.js';
import { PINGREQ, publishPacket } from './mqtt-packets.js';
import { openAll } from './open-all.js';
import { layoutOf } from './patterns.js';
import {
  FloodPublishers,
  PacedPublishers,
  type Publisher,
  type Publishers,
  WindowPublishers,
} from './publishers.js';
import type { RunningLoad } from './window.js';

/** Connects all clients, subscribes, then starts publishing. */
export async function startMqttLoad(load: MqttLoad, port: number): Promise<RunningLoad> {
  const target = { port, tls: load.tls };
  const layout = layoutOf(load);
  const tally = new Tally(load);
  await openAll(layout.filters, async (filters, index) => {
    const subscriber = tally.subscriber();
    await subscriber.connect(target, `subscriber-${index}`);
    await subscriber.subscribe(filters, load.qos);
  });
  const publishers = await startPublishers(load, target, layout.topics);
  const lists = load.listing === undefined ? undefined : new ClientLists(port, load.listing);
  return {
    get expected() {
      return publishers.sent * layout.fanOut;
    },
    get received() {
      return tally.received;
    },
    latencies: tally.latencies,
    lists: lists?.latencies,
    stop() {
      lists?.stop();
      publishers.stop();
    },
  };
}

/** What the subscribers have received. */
class Tally {
  received = 0;
  /** Only where the publishers say when they have sent a message. */
  readonly latencies: Latencies | undefined;
  readonly #qos: number;

  constructor({ pace, qos }: MqttLoad) {
    this.#qos = qos;
    if (typeof pace === 'object' && 'perSecond' in pace) this.latencies = new Latencies();
  }

  subscriber(): CountingConnection | AcknowledgingConnection {
    const { latencies } = this;
    if (latencies === undefined && this.#qos === 0) {
      return new CountingConnection((messages) => {
        this.received += messages;
      });
    }
    return new AcknowledgingConnection(({ payload }) => {
      this.received++;
      latencies?.record(payload);
    });
  }
}

async function startPublishers(
  { pace, qos, payloadBytes }: MqttLoad,
  target: Target,
  topics: readonly (readonly string[])[],
): Promise<Publishers> {
  const payload = Buffer.alloc(payloadBytes, 'x');
  const counting = () => openPublishers(topics, target, () => new CountingConnection(() => {}));
  if (pace === 'saturated') return flood(await counting(), payload);
  if ('perSecond' in pace) return new PacedPublishers(await counting(), payload, pace.perSecond);
  if (qos === 0) throw new Error('QoS 0 has no acknowledgements');
  const publishers = await openPublishers(topics, target, () => new AcknowledgingConnection(() => {}));
  return new WindowPublishers(publishers, payload, qos, pace.inFlight);
}

function flood(publishers: readonly Publisher[], payload: Buffer): Publishers {
  const flooded = publishers.map(({ connection, topics }) => ({
    connection,
    messages: topics.map((topic) => publishPacket(topic, payload, 0, 0)),
  }));
  return new FloodPublishers(flooded, PINGREQ);
}

function openPublishers<Connection extends CountingConnection | AcknowledgingConnection>(
  topics: readonly (readonly string[])[],
  target: Target,
  make: () => Connection,
): Promise<Publisher<Connection>[]> {
  return openAll(topics, async (own, index) => {
    const connection = make();
    await connection.connect(target, `publisher-${index}`);
    return { connection, topics: own };
  });
}
