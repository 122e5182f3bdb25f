import { test } from 'node:test';
import fc from 'fast-check';
import type { QoS } from '../message.js';
import type { SessionOptions } from '../types.js';
import { ModelSubscriber } from './testing/model-subscriber.js';
import { type ModelRules, ModelWorld } from './testing/model-world.js';

/** What happens, one after the other; `who` chooses among those who can do it. */
type Step =
  | {
      readonly kind: 'publish';
      readonly who: number;
      readonly topic: string;
      readonly qos: QoS;
      readonly count: number;
    }
  | { readonly kind: 'connect' | 'leave' | 'answer' | 'release' | 'publisherLeaves'; readonly who: number }
  | { readonly kind: 'clean'; readonly who: number }
  | { readonly kind: 'begin' | 'arrive' | 'settle' | 'turn' | 'fall' | 'fail' | 'holdReads' | 'letRead' };

const who = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      who,
      topic: fc.constantFrom('t', 'u', 's'),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const, 2 as const),
      count: fc.constantFrom(1, 1, 3),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom('connect', 'connect', 'leave', 'answer', 'answer', 'release', 'publisherLeaves'),
      who,
    }),
  },
  // Not the last member, so that what the others leave has somebody to go to.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clean' as const), who: fc.nat({ max: 2 }) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('begin', 'arrive', 'settle', 'turn', 'turn') }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('fall', 'fall', 'holdReads', 'letRead', 'fail') }),
  },
);

async function take(world: ModelWorld, step: Step): Promise<void> {
  const { all, publishers, store } = world;
  const subscriber = 'who' in step ? all[step.who % all.length] : undefined;
  const publisher = 'who' in step ? publishers[step.who % publishers.length] : undefined;
  switch (step.kind) {
    case 'publish':
      for (let i = 0; i < step.count; i++) if (publisher) world.publish(publisher, step.topic, step.qos);
      return;
    case 'connect':
      if (subscriber) world.connect(subscriber);
      return;
    case 'clean':
      if (subscriber) world.connect(subscriber, true);
      return;
    case 'leave':
      return subscriber?.leave();
    case 'answer':
      return subscriber?.answer(2);
    case 'release':
      return publisher?.release();
    case 'publisherLeaves':
      return publisher?.leave();
    case 'begin':
      await endOfTurn();
      return store.begin();
    case 'arrive':
      return store.arrive();
    case 'settle':
      await endOfTurn();
      store.begin();
      return store.arrive();
    case 'turn':
      return world.turns();
    case 'holdReads':
      return store.holdReads();
    case 'letRead':
      return store.letRead();
    case 'fail':
      store.fail();
      return world.clock.advance(1010);
    case 'fall':
      return world.fall();
  }
}

/** What has been begun in this turn of the event loop is done in it: a store writes only then. */
async function endOfTurn(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** What sessions of subscribers may differ in. */
interface Limits {
  readonly first?: Partial<SessionOptions>;
  readonly member?: Partial<SessionOptions>;
}

async function hold(rules: ModelRules, { first, member }: Limits, numRuns: number): Promise<void> {
  const steps = fc.array(step, { maxLength: 60, size: 'max' });
  const property = fc.asyncProperty(steps, async (taken) => {
    const world = new ModelWorld(
      [
        new ModelSubscriber('a', ['t', 'u'], { maxInflight: 2, ...first }),
        new ModelSubscriber('b', ['t'], { maxInflight: 100 }),
      ],
      ['m', 'n'].map((id) => new ModelSubscriber(id, ['$share/g/s'], { maxInflight: 2, ...member })),
      rules,
    );
    await world.start();
    for (const subscriber of world.all) world.connect(subscriber);
    await take(world, { kind: 'settle' });
    await world.turns();
    for (const each of taken) await take(world, each);
    await world.finish();
    world.verify();
  });
  await fc.assert(property, { numRuns, includeErrorInReport: true });
}

test('clients see of a hub that falls again and again what they would of one that does not', async () => {
  await hold({}, {}, 200);
});

test('so it is when access control takes its time, and when somebody watches what is dropped', async () => {
  await hold({ asynchronous: true, watched: true }, {}, 50);
});

test('so it is, but for what is dropped, when queues are short', async () => {
  const short = { maxMqueueLen: 3 };
  await hold({ lossy: true }, { first: short, member: short }, 50);
  await hold({ lossy: true, watched: true }, { first: short, member: short }, 50);
});

test('so it is when topics have priorities', async () => {
  const priorities = { byTopic: new Map([['u', 9]]), others: 0 };
  await hold({}, { first: { priorities } }, 50);
});

test('so it is when a group gets what a member that is away has not acknowledged', async () => {
  await hold({ hub: { broker: { shared_dispatch_ack_enabled: true } } }, {}, 50);
  await hold({ hub: { broker: { shared_dispatch_ack_enabled: true } }, watched: true }, {}, 50);
});
