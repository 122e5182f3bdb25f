import type { PublishPacket, QoS } from '@portico/codec-mqtt';
import type { Random } from '../support/random.js';
import type { Journal } from './journal.js';
import { SessionClient } from './session-client.js';
import { checkSubscriptions, type Subscribed } from './state-check.js';

const ROOT = 'subscriptions';
const FILTERS = Array.from({ length: 12 }, (_, index) => `${ROOT}/${index}`);
/** Always subscribed to: its message says that all probes before it have come. */
const LAST = `${ROOT}/last`;
/** Packet identifier of the first probe; each further one has the next. */
const FIRST_PROBE = 100;

/**
 * Subscribes and unsubscribes all the time, and knows of each filter what the hub has acknowledged. What is really
 * subscribed it sees by publishing to each of the topics.
 */
export class Resubscriber extends SessionClient {
  readonly #random: Random;
  readonly #expected = new Map<string, readonly Subscribed[]>(FILTERS.map((filter) => [filter, ['none']]));
  readonly #found = new Map<string, QoS>();
  /** Marks the probes of the present check. */
  #check = 0;
  /** What the present check still waits for: the last probe, and the end of the exchange of each. */
  #awaited = 0;
  #checked = () => {};
  #active = false;

  constructor(name: string, journal: Journal, random: Random) {
    super(name, journal);
    this.#random = random;
  }

  /** For the first connection. */
  async prepare(): Promise<void> {
    await this.subscribe(LAST, 1);
  }

  /** Compares what is subscribed with what was acknowledged. */
  async check(): Promise<void> {
    this.#active = false;
    this.#found.clear();
    this.#check++;
    const probes = [...FILTERS, LAST];
    this.#awaited = probes.length + 1;
    const checked = new Promise<void>((resolve) => {
      this.#checked = resolve;
    });
    for (const [index, topic] of probes.entries()) this.#probe(topic, FIRST_PROBE + index);
    this.flush();
    await checked;
    this.journal.findings.push(...checkSubscriptions(this.name, this.#expected, this.#found));
    for (const filter of FILTERS) this.#expected.set(filter, [this.#found.get(filter) ?? 'none']);
  }

  /** Subscribes and unsubscribes until the connection ends. */
  begin(): void {
    this.#active = true;
    void this.#change();
  }

  protected override onMessage({ topic, payload, qos }: PublishPacket): void {
    // A probe of an earlier check may come again.
    if (payload.toString() !== String(this.#check)) return;
    if (topic === LAST) this.onComplete();
    else this.#found.set(topic, qos);
  }

  protected override onComplete(): void {
    this.#awaited--;
    if (this.#awaited === 0) this.#checked();
  }

  #probe(topic: string, packetId: number): void {
    const payload = Buffer.from(String(this.#check));
    this.gather({ type: 'publish', topic, qos: 2, retain: false, dup: false, packetId, payload });
  }

  async #granted(filter: string, qos: QoS): Promise<boolean> {
    const [reasonCode] = await this.subscribe(filter, qos);
    return reasonCode === qos;
  }

  async #change(): Promise<void> {
    while (this.#active && this.online) {
      const filter = this.#random.pick(FILTERS);
      const wanted = this.#random.pick<Subscribed>([0, 1, 2, 'none']);
      const [before = 'none'] = this.#expected.get(filter) ?? [];
      this.#expected.set(filter, [before, wanted]);
      const done = wanted === 'none' ? await this.unsubscribe(filter) : await this.#granted(filter, wanted);
      this.#expected.set(filter, [done ? wanted : before]);
    }
  }
}
