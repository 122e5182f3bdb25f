import { test } from 'node:test';
import fc from 'fast-check';
import type { QoS } from '../message.js';
import { ModelSubscriber } from './testing/model-subscriber.js';
import { ModelWorld } from './testing/model-world.js';

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
  | { readonly kind: 'begin' | 'arrive' | 'settle' | 'turn' | 'fall' | 'holdReads' | 'letRead' };

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
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('fall', 'fall', 'holdReads', 'letRead') }) },
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
      return store.begin();
    case 'arrive':
      return store.arrive();
    case 'settle':
      store.begin();
      return store.arrive();
    case 'turn':
      return world.turns();
    case 'holdReads':
      return store.holdReads();
    case 'letRead':
      return store.letRead();
    case 'fall':
      return world.fall();
  }
}

test('clients see of a hub that falls again and again what they would of one that does not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const world = new ModelWorld(
        [
          new ModelSubscriber('a', ['t', 'u'], { maxInflight: 2 }),
          new ModelSubscriber('b', ['t'], { maxInflight: 100 }),
        ],
        [
          new ModelSubscriber('m', ['$share/g/s'], { maxInflight: 2 }),
          new ModelSubscriber('n', ['$share/g/s'], { maxInflight: 2 }),
        ],
      );
      await world.start();
      for (const subscriber of world.all) world.connect(subscriber);
      await take(world, { kind: 'settle' });
      await world.turns();
      for (const step of steps) await take(world, step);
      await world.finish();
      world.verify();
    }),
    { numRuns: 300, includeErrorInReport: true },
  );
});
