import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlainMessage, SnMessage } from '@portico/codec-mqtt-sn';
import { MemoryStore, VirtualClock } from '@portico/core';
import fc from 'fast-check';
import { type Device, SnTest } from './testing.js';

const qos = fc.constantFrom<0 | 1 | 2>(0, 1, 2);
const topicName = fc.constantFrom(
  'a',
  'a/b',
  'a/c',
  'ab',
  'a/#',
  '+/b',
  '$share/g/a/+',
  'known',
  '',
  'a/#/b',
);
/** Few of each, so that they meet. */
const topicId = fc.nat(4);
const msgId = fc.nat(4);
const returnCode = fc.constantFrom(0, 0, 0, 1, 2, 3, 9);
const seconds = fc.integer({ min: 1, max: 100 });
const data = fc.constantFrom('', 'x', 'x'.repeat(300)).map((text) => Buffer.from(text));
const clientId = fc.constantFrom('', 'one', 'two', 'three');
const topicOf = <Type>(type: Type) =>
  fc
    .record({
      dup: fc.boolean(),
      qos,
      msgId,
      topicIdType: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
      topicId,
      topicName,
    })
    .map((fields) => ({ type, ...fields, topicName: fields.topicIdType === 2 ? 'ab' : fields.topicName }));

const fromDevice: fc.Arbitrary<PlainMessage> = fc.oneof(
  fc.record({
    type: fc.constant('connect' as const),
    will: fc.boolean(),
    cleanSession: fc.boolean(),
    protocolId: fc.constant(1),
    duration: seconds,
    clientId,
  }),
  fc.record({
    type: fc.constantFrom('willtopic' as const, 'willtopicupd' as const),
    qos,
    retain: fc.boolean(),
    willTopic: topicName,
  }),
  fc.record({ type: fc.constantFrom('willmsg' as const, 'willmsgupd' as const), willMsg: data }),
  fc.record({ type: fc.constant('register' as const), topicId: fc.constant(0), msgId, topicName }),
  fc.record({
    type: fc.constant('publish' as const),
    dup: fc.boolean(),
    qos: fc.constantFrom<-1 | 0 | 1 | 2>(-1, 0, 1, 2),
    retain: fc.boolean(),
    topicIdType: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    topicId: fc.oneof(topicId, fc.constant(0x6162)),
    msgId,
    data,
  }),
  topicOf('subscribe' as const),
  topicOf('unsubscribe' as const),
  fc.record({ type: fc.constantFrom('regack' as const, 'puback' as const), topicId, msgId, returnCode }),
  fc.record({ type: fc.constantFrom('pubrec' as const, 'pubrel' as const, 'pubcomp' as const), msgId }),
  fc.record({ type: fc.constant('pingreq' as const), clientId }),
  fc.record({ type: fc.constant('disconnect' as const), duration: fc.option(seconds, { nil: undefined }) }),
  fc.record({ type: fc.constant('searchgw' as const), radius: fc.nat(255) }),
);

/** What happens next: to the device with a number, or to all. */
type Event =
  | { readonly what: 'sends'; readonly device: number; readonly node: number; readonly message: PlainMessage }
  | { readonly what: 'answers'; readonly device: number }
  | { readonly what: 'is forgotten'; readonly device: number }
  | { readonly what: 'hub falls' }
  | { readonly what: 'time passes'; readonly milliseconds: number }
  | { readonly what: 'publish'; readonly topic: string; readonly qos: 0 | 1 | 2 };

const device = fc.nat(2);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      what: fc.constant('sends' as const),
      device,
      node: fc.nat(3),
      message: fromDevice,
    }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('answers' as const), device }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('hub falls' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('is forgotten' as const), device }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('time passes' as const),
      milliseconds: fc.integer({ min: 1, max: 60_000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('publish' as const),
      topic: fc.constantFrom('a', 'a/b', 'a/c', 'ab', 'known'),
      qos,
    }),
  },
);

const CONFIG = { max_topics: 3, max_nodes: 3, max_clients: 3, predefined_topics: { known: 2 } };

/** Three addresses, of which the last is a forwarder's; and hubs that follow one another on the same store. */
class World {
  readonly #options = { store: new MemoryStore({ durable: true }), clock: new VirtualClock() };
  #it = new SnTest(CONFIG, this.#options);
  #devices: Device[] = [];

  async start(): Promise<void> {
    await this.#it.hub.engine.start();
    this.#devices = [1, 2, 3].map((port) => this.#it.device({ peer: { host: '192.0.2.7', port } }));
  }

  async happens(next: Event): Promise<void> {
    if (next.what === 'time passes') this.#it.wait(next.milliseconds);
    else if (next.what === 'publish') this.#it.publish(next.topic, 'x', next.qos);
    else if (next.what === 'hub falls') await this.#fall();
    else await this.#happensTo(this.#devices[next.device] as Device, next);
    await this.#it.hub.nextTurn();
  }

  #fall(): Promise<void> {
    this.#it = new SnTest(CONFIG, this.#options);
    return this.start();
  }

  async #happensTo(which: Device, next: Extract<Event, { readonly device: number }>): Promise<void> {
    if (next.what === 'answers') which.drain();
    else if (next.what === 'is forgotten') this.#devices[next.device] = which.forgotten();
    else await which.sends(next.device === 2 ? encapsulated(next.node, next.message) : next.message);
  }

  /** Clients that are connected. */
  get clients(): number {
    return this.#it.gauge('clients');
  }

  /** What must be so at any time. */
  check(): void {
    const { hub } = this.#it;
    assert.deepEqual(hub.errors, []);
    const connected = [...hub.engine.sessions.values()].filter(({ attachment }) => attachment !== undefined);
    const states = ['active', 'asleep', 'awake'].map((state) => this.#it.gauge(`clients.${state}`));
    // Besides the application.
    assert.equal(this.#it.gauge('clients'), connected.length - 1);
    assert.equal(
      states.reduce((sum, count) => sum + count),
      connected.length - 1,
    );
    assert.ok(connected.length - 1 <= 3);
  }
}

function encapsulated(node: number, message: PlainMessage): SnMessage {
  return { type: 'encapsulated', radius: 0, wirelessNodeId: Buffer.from([node]), message };
}

test('whatever devices send, in whatever order, nothing fails, clients are counted, and all are lost in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 20, maxLength: 80 }), async (events) => {
      const world = new World();
      await world.start();
      for (const next of events) {
        await world.happens(next);
        world.check();
      }
      for (let minute = 0; minute < 5; minute++)
        await world.happens({ what: 'time passes', milliseconds: 60_000 });
      assert.equal(world.clients, 0);
      world.check();
    }),
    { numRuns: 150 },
  );
});
