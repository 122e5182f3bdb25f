import type { TestContext } from 'node:test';
import { Random } from '../support/random.js';
import { checkDeliveries, type Finding } from './delivery-check.js';
import { HubUnderTest, type StoreKeys } from './hub-under-test.js';
import { inTime } from './in-time.js';
import { Journal } from './journal.js';
import { Lane } from './lane.js';
import { Publisher } from './publisher.js';
import { Subscriber } from './subscriber.js';

const WINDOW = 20;
const SUBSCRIBING = { filter: 'backlog/#', qos: 1, version: 4 } as const;

/** A hub with QoS 1 messages for a client that is away until it is asked what has come. */
export class Backlog {
  readonly hub: HubUnderTest;
  readonly lane = new Lane('backlog/0', 1);
  readonly publisher: Publisher;
  readonly #journal = new Journal();
  readonly #subscriber: Subscriber;
  readonly #marker: Publisher;
  #port = 0;

  private constructor(hub: HubUnderTest) {
    this.hub = hub;
    const random = new Random(1);
    this.#subscriber = new Subscriber('subscriber', this.#journal, SUBSCRIBING, random);
    const marker = new Lane(this.#subscriber.marker, 1);
    this.publisher = new Publisher('publisher', this.#journal, [this.lane], WINDOW, random);
    this.#marker = new Publisher('marker', this.#journal, [marker], WINDOW, random);
  }

  /** Starts the hub and makes the session of the client that is away. */
  static async create(t: TestContext, store: StoreKeys = {}): Promise<Backlog> {
    const backlog = new Backlog(await HubUnderTest.create());
    t.after(() => backlog.#end());
    await backlog.start(store);
    const subscriber = backlog.#subscriber;
    await subscriber.stay(backlog.#port);
    await subscriber.prepare();
    await subscriber.leave();
    return backlog;
  }

  /** Starts the hub, and brings the publisher back. */
  async start(store: StoreKeys = {}): Promise<void> {
    this.#port = await this.hub.start(store);
    await inTime('the publisher', [this.publisher.stay(this.#port)]);
  }

  async kill(): Promise<void> {
    const gone = this.publisher.seeOff();
    await this.hub.kill();
    await gone;
  }

  /** Publishes so many messages, each when the one before is acknowledged: each is a batch of its own. */
  async publish(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.publisher.publishOnce();
      await inTime('an acknowledgement', [this.publisher.finish()]);
    }
  }

  /** Lets the client come, and waits until it has all that is there for it. @returns what is wrong with that */
  async receive(): Promise<readonly Finding[]> {
    await inTime('all connections', [this.#subscriber.stay(this.#port), this.#marker.stay(this.#port)]);
    const marked = this.#subscriber.marked();
    this.#marker.publishOnce();
    await inTime('the last message', [marked]);
    const { qos, receptions } = this.#subscriber;
    const record = { subscriber: 'subscriber', qos, lanes: [this.lane], receptions };
    return [...this.#journal.findings, ...checkDeliveries(record)];
  }

  async #end(): Promise<void> {
    await Promise.all([this.publisher, this.#subscriber, this.#marker].map((client) => client.leave()));
    await this.hub.remove();
  }
}
