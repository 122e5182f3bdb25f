import type { PublishPacket } from '@portico/codec-mqtt';
import type { Random } from '../support/random.js';
import type { Reception } from './delivery-check.js';
import type { Journal } from './journal.js';
import { readPayload } from './lane.js';
import { SessionClient } from './session-client.js';

/** One chance in so many that a subscriber's connection breaks when a message has come. */
const BREAKS = 3000;
/** What a subscriber asks for. */
export interface Subscribing {
  /** May be that of a shared subscription. */
  readonly filter: string;
  readonly qos: 1 | 2;
  readonly version: 4 | 5;
}

/** Keeps all that comes, and breaks off now and then before it has acknowledged a message. */
export class Subscriber extends SessionClient {
  readonly filter: string;
  readonly qos: 1 | 2;
  /** A message to this topic is no reception: it tells that all before it have come. */
  readonly marker: string;
  readonly receptions: Reception[] = [];
  readonly #random: Random;
  /** QoS 2 messages that were not released yet, by packet identifier (MQTT 3.1.1 §4.3.3, method A). */
  readonly #held = new Map<number, string>();
  #marked = () => {};

  constructor(name: string, journal: Journal, { filter, qos, version }: Subscribing, random: Random) {
    super(name, journal, { version });
    this.filter = filter;
    this.qos = qos;
    this.marker = `marker/${name}`;
    this.#random = random;
  }

  /** For the first connection. */
  async prepare(): Promise<void> {
    await this.subscribe(this.filter, this.qos);
    await this.subscribe(this.marker, 1);
  }

  /** Resolves when the marker has come. */
  marked(): Promise<void> {
    return new Promise((resolve) => {
      this.#marked = resolve;
    });
  }

  protected override onMessage(message: PublishPacket): void {
    const { topic, payload, qos, packetId } = message;
    if (topic === this.marker) {
      this.#marked();
      return;
    }
    const number = readPayload(topic, payload);
    if (qos === 2 && this.#repeats(message, `${topic} ${number}`)) return;
    const connection = `${this.name} ${this.connection}`;
    this.receptions.push({ topic, number, qos, connection });
    if (qos === 2) this.#held.set(packetId, `${topic} ${number}`);
    if (this.#random.below(BREAKS) === 0) this.drop();
  }

  protected override onRelease(packetId: number): void {
    this.#held.delete(packetId);
  }

  /** Whether the exchange of this packet identifier has begun before. */
  #repeats({ packetId, dup }: PublishPacket, name: string): boolean {
    const held = this.#held.get(packetId);
    if (held === undefined) return false;
    const text = `${this.name}, packet identifier ${packetId}: ${name}`;
    if (held !== name) this.journal.find('identifier', `${text} before the release of ${held}`);
    else if (!dup) this.journal.find('identifier', `${text} again without DUP`);
    return held === name;
  }
}
