import type { MqttLoad } from './job.js';
import { MqttConnection } from './mqtt-connection.js';
import { PINGREQ, publishPacket } from './mqtt-packets.js';
import type { RunningLoad } from './window.js';

/** What a publisher hands to its socket at once when it sends as fast as it can. */
const BATCH_BYTES = 16 * 1024;
/** Batches that a publisher may be ahead of the broker. */
const BATCHES_AHEAD = 3;
/** Connections that are opened at the same time. */
const OPENING = 50;

/** Connects all clients, subscribes, then starts publishing. */
export async function startMqttLoad(load: MqttLoad, port: number): Promise<RunningLoad> {
  let received = 0;
  const onReceived = (messages: number) => {
    received += messages;
  };
  const topicOf = (index: number) => `bench/topic/${index % load.topics}`;
  await openAll(load.subscribers, async (index) => {
    const subscriber = await MqttConnection.open(port, `subscriber-${index}`, onReceived);
    await subscriber.subscribe(topicOf(index));
  });
  const connections = await openAll(load.publishers, (index) =>
    MqttConnection.open(port, `publisher-${index}`, onReceived),
  );
  const payload = Buffer.alloc(load.payloadBytes, 'x');
  const packets = connections.map((_, index) => publishPacket(topicOf(index), payload));
  const publisher =
    load.rate === 'saturated'
      ? new FloodPublisher(connections, packets)
      : new PacedPublisher(connections, packets, load.rate);
  const fanOut = load.subscribers / load.topics;
  return {
    get expected() {
      return publisher.sent * fanOut;
    },
    get received() {
      return received;
    },
    stop: () => publisher.stop(),
  };
}

async function openAll<T>(count: number, open: (index: number) => Promise<T>): Promise<T[]> {
  const opened: T[] = [];
  while (opened.length < count) {
    const next = Math.min(OPENING, count - opened.length);
    const first = opened.length;
    opened.push(...(await Promise.all(Array.from({ length: next }, (_, index) => open(first + index)))));
  }
  return opened;
}

/**
 * Every connection sends as much as the broker takes: batch after batch, each when the operating system has
 * taken the one before, and PINGREQ behind each. No more than {@link BATCHES_AHEAD} pings may be unanswered,
 * else megabytes pile up in the sockets' buffers and the run takes minutes to drain. One batch per turn of the
 * event loop at most, so that reading gets its share.
 */
class FloodPublisher {
  sent = 0;
  #stopped = false;

  constructor(connections: readonly MqttConnection[], packets: readonly Buffer[]) {
    connections.forEach((connection, index) => {
      this.#start(connection, packets[index] as Buffer);
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  #start(connection: MqttConnection, packet: Buffer): void {
    const size = Math.ceil(BATCH_BYTES / packet.length);
    const batch = Buffer.concat([...Array.from({ length: size }, () => packet), PINGREQ]);
    let ahead = 0;
    let waiting = false;
    const send = () => {
      waiting = ahead === BATCHES_AHEAD;
      if (waiting || this.#stopped) return;
      ahead++;
      this.sent += size;
      connection.write(batch, written);
    };
    const written = () => setImmediate(send);
    connection.onAnswer = () => {
      ahead--;
      if (waiting) send();
    };
    send();
  }
}

/** All connections together send so many messages per second, one connection after the other, evenly. */
class PacedPublisher {
  sent = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(connections: readonly MqttConnection[], packets: readonly Buffer[], perSecond: number) {
    const start = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) * perSecond) / 1000);
      while (this.sent < due) {
        const index = this.sent++ % connections.length;
        connections[index]?.write(packets[index] as Buffer);
      }
    }, 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
