import type { Random } from '../support/random.js';
import type { Journal } from './journal.js';
import type { Lane } from './lane.js';
import { SessionClient } from './session-client.js';

/** A message on its way, which its packet identifier stands for. */
interface InFlight {
  readonly lane: Lane;
  readonly number: number;
}

/**
 * Publishes as fast as its window allows, on one of its lanes at a time. It knows what was not acknowledged when a
 * connection was lost, and sends it again by the next, in order (MQTT 3.1.1 §4.4).
 */
export class Publisher extends SessionClient {
  readonly lanes: readonly Lane[];
  readonly #random: Random;
  readonly #window: number;
  /** What was published and not received, by packet identifier, in order. */
  readonly #unreceived = new Map<number, InFlight>();
  /** Packet identifiers of QoS 2 messages that were received and are not complete, in order. */
  readonly #unfinished = new Set<number>();
  #active = false;
  #idle = () => {};

  /** @param window messages that may be on their way */
  constructor(name: string, journal: Journal, lanes: readonly Lane[], window: number, random: Random) {
    super(name, journal);
    this.lanes = lanes;
    this.#window = window;
    this.#random = random;
  }

  /** Publishes until {@link finish}. */
  begin(): void {
    this.#active = true;
    if (this.online) this.#fill();
  }

  /** Publishes one message on each lane. */
  publishOnce(): void {
    for (const lane of this.lanes) this.#publish(lane);
    this.flush();
  }

  /** Publishes nothing new. Resolves when all is acknowledged. */
  finish(): Promise<void> {
    this.#active = false;
    return new Promise((resolve) => {
      this.#idle = resolve;
      this.#rest();
    });
  }

  protected override onConnected(): void {
    for (const packetId of this.#unfinished) this.gather({ type: 'pubrel', packetId, reasonCode: 0 });
    for (const [packetId, message] of this.#unreceived) this.#send(packetId, message);
    this.#fill();
  }

  protected override onReceived(packetId: number): void {
    const message = this.#unreceived.get(packetId);
    if (message === undefined) return;
    this.#unreceived.delete(packetId);
    const sent = message.lane.messages[message.number];
    if (sent !== undefined) sent.acknowledged = true;
    if (message.lane.qos === 2) this.#unfinished.add(packetId);
  }

  protected override onComplete(packetId: number): void {
    this.#unfinished.delete(packetId);
    this.#fill();
    this.#rest();
  }

  get #underWay(): number {
    return this.#unreceived.size + this.#unfinished.size;
  }

  #fill(): void {
    while (this.#active && this.#underWay < this.#window) this.#publish(this.#random.pick(this.lanes));
    this.flush();
  }

  #publish(lane: Lane): void {
    const message = { lane, number: lane.next() };
    const packetId = this.#freePacketId();
    this.#unreceived.set(packetId, message);
    this.#send(packetId, message);
  }

  #send(packetId: number, { lane, number }: InFlight): void {
    const sent = lane.messages[number];
    if (sent === undefined) return;
    const { publishedTo: topic, qos, retain } = lane;
    const dup = sent.sends > 0;
    this.gather({ type: 'publish', topic, qos, retain, dup, packetId, payload: lane.payload(number) });
    sent.sends++;
  }

  /** The smallest: an identifier that the hub takes for one of an earlier exchange does the most harm. */
  #freePacketId(): number {
    let packetId = 1;
    while (this.#unreceived.has(packetId) || this.#unfinished.has(packetId)) packetId++;
    return packetId;
  }

  #rest(): void {
    if (this.#underWay === 0) this.#idle();
  }
}
