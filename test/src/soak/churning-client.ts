import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { encode, encodeToBuffer, MqttDecoder, type Packet, type QoS } from '@portico/codec-mqtt';
import { BufferSink } from '@portico/frame';

const VERSION = 5;
const LARGEST_PACKET = 1024 * 1024;
/** Topics that many clients are subscribed to. */
const GROUPS = 50;
/** Seconds that sessions outlive their connections, where they do. */
const SESSION_EXPIRY = 30;

/** What all clients of a run have done so far. */
export interface Tally {
  connections: number;
  published: number;
  received: number;
  /** Connections that ended before their client left, by reason: an error code, or `closed` by the hub. */
  readonly failures: Map<string, number>;
}

/** A number from 0 up to, but not including, `limit`. */
export type Dice = (limit: number) => number;

/**
 * An MQTT 5 client that comes, subscribes, publishes to others for a while with every QoS, and goes: with a
 * goodbye or without, with a session and a will that outlive the connection or without. Then it comes again.
 */
export class ChurningClient {
  readonly #port: number;
  readonly #index: number;
  readonly #population: number;
  readonly #dice: Dice;
  readonly #tally: Tally;

  constructor(port: number, index: number, population: number, dice: Dice, tally: Tally) {
    this.#port = port;
    this.#index = index;
    this.#population = population;
    this.#dice = dice;
    this.#tally = tally;
  }

  async live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#rest(10_000, signal);
      if (!signal.aborted) await this.#visit(signal);
    }
  }

  async #visit(signal: AbortSignal): Promise<void> {
    const visit = new Visit(this.#port, this.#tally);
    visit.send(this.#connectPacket());
    visit.send(this.#subscribePacket());
    for (let left = 1 + this.#dice(20); left > 0 && visit.open && !signal.aborted; left--) {
      await this.#rest(1000, signal);
      this.#publish(visit);
    }
    if (this.#dice(2) === 0) visit.send({ type: 'disconnect', reasonCode: 0 });
    visit.leave();
  }

  async #rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    await pause(this.#dice(milliseconds), undefined, { signal }).catch(() => {});
  }

  #connectPacket(): Packet {
    const lasting = this.#dice(2) === 0;
    const topic = `soak/will/${this.#index % GROUPS}`;
    const will = {
      topic,
      payload: Buffer.from('gone'),
      qos: 1,
      retain: false,
      properties: undefined,
    } as const;
    return {
      type: 'connect',
      protocolVersion: VERSION,
      cleanStart: !lasting,
      keepAlive: 60,
      clientId: `soak-${this.#index}`,
      ...(this.#dice(4) === 0 && { will }),
      properties: lasting ? { sessionExpiryInterval: SESSION_EXPIRY } : {},
    };
  }

  #subscribePacket(): Packet {
    const filters = [`soak/to/${this.#index}`, `soak/+/${this.#index % GROUPS}`, '$share/soak/soak/work/#'];
    const subscriptions = filters.map((filter) => ({
      filter,
      qos: this.#dice(3) as QoS,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0 as const,
    }));
    return { type: 'subscribe', packetId: 1, subscriptions };
  }

  #publish(visit: Visit): void {
    const topics = [
      `soak/to/${this.#dice(this.#population)}`,
      `soak/to/${this.#dice(this.#population)}`,
      `soak/work/${this.#dice(1000)}`,
      `soak/state/${this.#index}`,
    ];
    const topic = topics[this.#dice(topics.length)] as string;
    const retain = topic.startsWith('soak/state');
    visit.publish(topic, Buffer.alloc(this.#dice(1000), 'x'), this.#dice(3) as QoS, retain);
    this.#tally.published++;
  }
}

/** One connection, which goes through the exchanges of QoS 1 and 2. */
class Visit {
  open = true;
  readonly #socket: Socket;
  readonly #tally: Tally;
  readonly #decoder = new MqttDecoder({ maxPacketSize: LARGEST_PACKET, version: VERSION });
  readonly #answers = new BufferSink();
  #lastId = 1;
  #left = false;
  #ending = 'closed';

  constructor(port: number, tally: Tally) {
    this.#tally = tally;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#ending = error.code ?? error.message;
    });
    this.#socket.on('close', () => {
      this.open = false;
      if (!this.#left) tally.failures.set(this.#ending, (tally.failures.get(this.#ending) ?? 0) + 1);
    });
  }

  send(packet: Packet): void {
    this.#socket.write(encodeToBuffer(packet, VERSION));
  }

  publish(topic: string, payload: Buffer, qos: QoS, retain: boolean): void {
    if (qos > 0) this.#lastId++;
    this.send({
      type: 'publish',
      topic,
      payload,
      qos,
      retain,
      dup: false,
      packetId: qos > 0 ? this.#lastId : 0,
    });
  }

  leave(): void {
    this.#left = true;
    this.#socket.end(() => this.#socket.destroy());
  }

  #read(chunk: Buffer): void {
    this.#decoder.push(chunk);
    for (let packet = this.#decoder.next(); packet !== undefined; packet = this.#decoder.next()) {
      if (packet.type === 'connack' && packet.reasonCode === 0) this.#tally.connections++;
      else if (packet.type === 'pubrec') this.#answer('pubrel', packet.packetId);
      else if (packet.type === 'pubrel') this.#answer('pubcomp', packet.packetId);
      else if (packet.type === 'publish') {
        this.#tally.received++;
        if (packet.qos > 0) this.#answer(packet.qos === 1 ? 'puback' : 'pubrec', packet.packetId);
      }
    }
    if (this.#answers.length > 0) this.#socket.write(this.#answers.take());
  }

  #answer(type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', packetId: number): void {
    encode({ type, packetId, reasonCode: 0 }, VERSION, this.#answers);
  }
}
