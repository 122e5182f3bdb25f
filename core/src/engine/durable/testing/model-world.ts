import assert from 'node:assert/strict';
import { VirtualClock } from '../../../runtime/clock.js';
import { TestHub, type TestHubOptions } from '../../../testing/index.js';
import type { QoS } from '../../message.js';
import { FallingStore } from './falling-store.js';
import { ModelPublisher, type Sent } from './model-publisher.js';
import type { Got, ModelSubscriber } from './model-subscriber.js';

/** What is under way comes to its end in fewer rounds. */
const MAX_ROUNDS = 300;

/** What differs from one world to another. */
export interface ModelRules {
  readonly hub?: TestHubOptions;
  /** Whether access control takes its time. */
  readonly asynchronous?: boolean;
  /** Whether somebody wants to see what is dropped. */
  readonly watched?: boolean;
  /** Whether queues may drop what has been taken. */
  readonly lossy?: boolean;
}

/** Who had to get a message when it was published, and in which of its lives. */
type Receivers = ReadonlyMap<ModelSubscriber, number>;

/** Clients, and one hub after the other on what the fall of the one before has left in the store. */
export class ModelWorld {
  readonly clock = new VirtualClock();
  readonly subscribers: readonly ModelSubscriber[];
  /** Members of one shared subscription. */
  readonly members: readonly ModelSubscriber[];
  readonly publishers: readonly ModelPublisher[];
  store = new FallingStore();
  readonly #rules: ModelRules;
  #hub: TestHub;
  readonly #receivers = new Map<string, Receivers>();
  /** Taken messages of the shared subscription that one member has to get. */
  readonly #shared: Sent[] = [];
  /** A session of a member has ended: what it may have been sent with QoS 2 is for nobody else, MQTT 5 §4.8.2. */
  #memberEnded = false;
  readonly #due: { readonly payload: string; readonly to: ModelSubscriber; readonly life: number }[] = [];
  /** All payloads that members have got. */
  readonly #gotByMembers: Got[] = [];

  constructor(
    subscribers: readonly ModelSubscriber[],
    members: readonly ModelSubscriber[],
    rules: ModelRules = {},
  ) {
    this.subscribers = subscribers;
    this.members = members;
    this.publishers = ['p', 'q'].map((id) => new ModelPublisher(id, (sent) => this.#onTaken(sent)));
    this.#rules = rules;
    this.#hub = this.#newHub();
  }

  get all(): readonly ModelSubscriber[] {
    return [...this.subscribers, ...this.members];
  }

  get hub(): TestHub {
    return this.#hub;
  }

  #newHub(): TestHub {
    const hub = new TestHub({ ...this.#rules.hub, store: this.store, clock: this.clock });
    if (this.#rules.asynchronous) hub.authorize('publish', Promise.resolve('allow'));
    if (this.#rules.watched) hub.hooks.messageDropped.add('model', () => {});
    return hub;
  }

  async start(): Promise<void> {
    await this.#hub.engine.start();
  }

  publish(publisher: ModelPublisher, topic: string, qos: QoS): void {
    publisher.connect(this.#hub, this.store);
    const payload = `${publisher.id}${publisher.sent.length}`;
    const receivers = this.subscribers.filter((subscriber) => subscriber.expects(topic));
    this.#receivers.set(payload, new Map(receivers.map((subscriber) => [subscriber, subscriber.life])));
    publisher.publish(topic, qos);
  }

  #onTaken(sent: Sent): void {
    const { payload, topic } = sent;
    for (const [to, life] of this.#receivers.get(payload) ?? []) this.#due.push({ payload, to, life });
    if (topic === 's') this.#shared.push(sent);
  }

  connect(subscriber: ModelSubscriber, cleanStart = false): void {
    this.#noteMember(subscriber, cleanStart);
    subscriber.connect(this.#hub, this.store, cleanStart);
  }

  /** What a member has got is remembered beyond its lives. */
  #noteMember(subscriber: ModelSubscriber, cleanStart: boolean): void {
    if (cleanStart && this.members.includes(subscriber)) {
      this.#memberEnded = true;
      this.#gotByMembers.push(...subscriber.got);
      subscriber.got.length = 0;
    }
  }

  /** The hub falls, and another one takes its place. */
  async fall(): Promise<void> {
    for (const subscriber of this.all) subscriber.lose();
    for (const publisher of this.publishers) publisher.lose();
    this.store = this.store.fallen();
    assert.deepEqual(this.#hub.errors, []);
    this.#hub = this.#newHub();
    await this.start();
  }

  async turns(count = 3): Promise<void> {
    for (let i = 0; i < count; i++) await this.#hub.nextTurn();
  }

  /** Lets everything that is under way come to its end. */
  async finish(): Promise<void> {
    this.store.letRead();
    let rounds = 0;
    for (let quiet = 0; quiet < 5; quiet++) {
      assert.ok(rounds++ < MAX_ROUNDS, 'it comes to no end');
      this.store.begin();
      this.store.arrive();
      this.clock.advance(1010);
      await this.turns();
      for (const publisher of this.publishers) publisher.connect(this.#hub, this.store);
      for (const subscriber of this.all) if (!subscriber.connected) this.connect(subscriber);
      for (const publisher of this.publishers) publisher.release();
      for (const subscriber of this.all) {
        if (!subscriber.idle) quiet = 0;
        subscriber.answer(Number.POSITIVE_INFINITY);
      }
      if (this.store.settled < this.store.written) quiet = 0;
    }
  }

  verify(): void {
    assert.deepEqual(this.#hub.errors, []);
    for (const publisher of this.publishers) assert.ok(publisher.idle, `${publisher.id} has not finished`);
    for (const subscriber of this.subscribers) this.#verifySubscriber(subscriber);
    this.#verifyShared();
    for (const table of ['messages', 'deliveries', 'awaiting_release']) {
      assert.deepEqual([...this.store.keys(table)], [], `what is left in ${table}`);
    }
    for (const { id } of this.all) {
      const session = this.#hub.engine.sessions.get(id);
      assert.deepEqual([session?.statistics.inflight, session?.statistics.mqueueLength], [0, 0], id);
      assert.equal(session?.outbound.heldBytes, 0, `bytes held for ${id}`);
    }
  }

  #verifySubscriber(subscriber: ModelSubscriber): void {
    const { id, life, got } = subscriber;
    const payloads = got.map(({ payload }) => payload);
    const due = this.#due.filter((each) => each.to === subscriber && each.life === life);
    assertOnce(id, got);
    if (this.#rules.lossy) return;
    for (const { payload } of due) assert.ok(payloads.includes(payload), `${id} has not got ${payload}`);
    // What was published before it subscribed may come late, when the publisher sends it again.
    const meant = got.filter(({ payload }) => this.#receivers.get(payload)?.get(subscriber) === life);
    for (const publisher of this.publishers) assertInOrder(id, meant, publisher.sent);
  }

  #verifyShared(): void {
    for (const { got } of this.members) this.#gotByMembers.push(...got);
    assertOnce('the group', this.#gotByMembers);
    const payloads = this.#gotByMembers.map(({ payload }) => payload);
    if (this.#rules.lossy) return;
    for (const { payload, qos } of this.#shared) {
      if (qos === 2 && this.#memberEnded) continue;
      assert.ok(payloads.includes(payload), `no member has got ${payload}`);
    }
  }
}

function assertOnce(id: string, got: readonly Got[]): void {
  const payloads = got.filter(({ qos }) => qos === 2).map(({ payload }) => payload);
  const twice = payloads.filter((payload, i) => payloads.indexOf(payload) !== i);
  assert.deepEqual(twice, [], `${id} has got twice`);
}

/** What came first of each message came in the order of its topic, MQTT 5 §4.6. */
function assertInOrder(id: string, got: readonly Got[], sent: readonly Sent[]): void {
  for (const topic of new Set(sent.map((each) => each.topic))) {
    const order = sent.filter((each) => each.topic === topic && each.qos > 0).map(({ payload }) => payload);
    const first = [...new Set(got.map(({ payload }) => payload))].filter((each) => order.includes(each));
    const expected = order.filter((each) => first.includes(each));
    assert.deepEqual(first, expected, `${id}: order of ${topic}`);
  }
}
