import type { AcknowledgingConnection } from './acknowledging-connection.js';
import { stampPayload } from './latency.js';
import type { MqttConnection } from './mqtt-connection.js';
import { publishPacket } from './mqtt-packets.js';

/** All publishers of a load. */
export interface Publishers {
  /** Messages handed to the operating system so far. */
  readonly sent: number;
  stop(): void;
}

/** A connection with the topics that it publishes to in turn. */
export interface Publisher<Connection extends MqttConnection = MqttConnection> {
  readonly connection: Connection;
  readonly topics: readonly string[];
}

/** A connection that is flooded with its messages in turn. */
export interface Flooded {
  readonly connection: {
    /** Called for each answer to a question. */
    onAnswer: () => void;
    write(bytes: Buffer, written: () => void): void;
  };
  readonly messages: readonly Buffer[];
}

/** What a publisher hands to its socket at once when it sends as fast as it can, at least. */
const BATCH_BYTES = 16 * 1024;
/** Batches that a publisher may be ahead of the broker. */
const BATCHES_AHEAD = 3;

/**
 * Every connection sends as much as the broker takes: batch after batch, each when the operating system has
 * taken the one before, and a question behind each that the broker answers. No more than {@link BATCHES_AHEAD} may be
 * unanswered, else megabytes pile up in the sockets' buffers and the run takes minutes to drain. One batch per turn of the
 * event loop at most, so that reading gets its share.
 */
export class FloodPublishers implements Publishers {
  sent = 0;
  #stopped = false;

  constructor(publishers: readonly Flooded[], question: Buffer) {
    for (const publisher of publishers) this.#start(publisher, question);
  }

  stop(): void {
    this.#stopped = true;
  }

  #start({ connection, messages }: Flooded, question: Buffer): void {
    const rounds = Math.ceil(BATCH_BYTES / Buffer.concat(messages).length);
    const size = rounds * messages.length;
    const batch = Buffer.concat([...Array.from({ length: rounds }, () => messages).flat(), question]);
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

/** Every connection has so many messages of QoS 1 or 2 under way, and sends the next when one is acknowledged. */
export class WindowPublishers implements Publishers {
  sent = 0;
  acknowledged = 0;
  #stopped = false;

  constructor(
    publishers: readonly Publisher<AcknowledgingConnection>[],
    payload: Buffer,
    qos: 1 | 2,
    inFlight: number,
  ) {
    for (const { connection, topics } of publishers) {
      const packets = Array.from({ length: inFlight }, (_, index) =>
        publishPacket(topics[index % topics.length] as string, payload, qos, index + 1),
      );
      connection.onAcknowledged = (packetId) => {
        this.acknowledged++;
        this.#send(connection, packets[packetId - 1] as Buffer);
      };
      for (const packet of packets) this.#send(connection, packet);
      connection.flush();
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  #send(connection: AcknowledgingConnection, packet: Buffer): void {
    if (this.#stopped) return;
    this.sent++;
    connection.gather(packet);
  }
}

/**
 * All connections together send so many messages per second, one connection after the other, evenly. Each message
 * carries the time at which it was sent.
 */
export class PacedPublishers implements Publishers {
  sent = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(publishers: readonly Publisher[], payload: Buffer, perSecond: number) {
    const packets = publishers.map(({ topics }) => publishPacket(topics[0] as string, payload, 0, 0));
    const start = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) * perSecond) / 1000);
      while (this.sent < due) {
        const index = this.sent++ % publishers.length;
        const packet = Buffer.from(packets[index] as Buffer);
        stampPayload(packet.subarray(-payload.length));
        publishers[index]?.connection.write(packet);
      }
    }, 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
