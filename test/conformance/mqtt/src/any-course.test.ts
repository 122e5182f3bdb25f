import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ClientModel } from './model/client-model.js';
import { FILTERS } from './model/session-model.js';
import type { Version } from './spec/packets.js';
import { Stage } from './stage.js';
import { publishes } from './steps.js';

/** What happens next, to one of two clients or between them. */
type Event =
  | { readonly type: 'connect'; readonly who: number; readonly version: Version; readonly clean: boolean }
  | { readonly type: 'drop'; readonly who: number }
  | { readonly type: 'subscribe'; readonly who: number; readonly filter: string; readonly qos: number }
  | { readonly type: 'unsubscribe'; readonly who: number; readonly filter: string }
  | { readonly type: 'publish'; readonly topic: string; readonly qos: number }
  | { readonly type: 'read'; readonly who: number; readonly acknowledges: number };

/** So small that messages wait for it. */
const WINDOW = 3;

const type = <T extends Event['type']>(name: T) => fc.constant(name);
const who = fc.nat({ max: 1 });
const qos = fc.nat({ max: 2 });
const filter = fc.constantFrom(...Object.keys(FILTERS));
const topic = fc.constantFrom('a', 'a/b', 'c', '$own');
const version = fc.constantFrom<Version>(3, 4, 5);
const clean = fc.oneof({ arbitrary: fc.constant(false), weight: 3 }, fc.constant(true));

const event: fc.Arbitrary<Event> = fc.oneof(
  { arbitrary: fc.record({ type: type('connect'), who, version, clean }), weight: 3 },
  { arbitrary: fc.record({ type: type('drop'), who }), weight: 2 },
  { arbitrary: fc.record({ type: type('subscribe'), who, filter, qos }), weight: 4 },
  { arbitrary: fc.record({ type: type('unsubscribe'), who, filter }), weight: 1 },
  { arbitrary: fc.record({ type: type('publish'), topic, qos }), weight: 10 },
  { arbitrary: fc.record({ type: type('read'), who, acknowledges: fc.nat({ max: 4 }) }), weight: 5 },
);

async function apply(
  event: Event,
  clients: readonly ClientModel[],
  stage: Stage,
  number: number,
): Promise<void> {
  if (event.type === 'publish') {
    await publishes({ topic: event.topic, qos: event.qos, payload: String(number) }, 'p').run(stage);
    for (const { session } of clients) session?.publish(number, event.topic, event.qos);
    return;
  }
  const client = clients[event.who] as ClientModel;
  if (event.type === 'connect') await client.connect(event.version, event.clean);
  else if (event.type === 'drop') await client.drop();
  else if (event.type === 'subscribe') await client.subscribe(event.filter, event.qos);
  else if (event.type === 'unsubscribe') await client.unsubscribe(event.filter);
  else await client.read(event.acknowledges);
}

/** Plays the events, then lets every client that has a session come back and take all that it is owed. */
async function play(events: readonly Event[]): Promise<void> {
  const stage = await Stage.open({
    name: '',
    version: 4,
    shows: [],
    config: { max_inflight: WINDOW },
    steps: [],
  });
  try {
    const clients = ['one', 'two'].map((name) => new ClientModel(stage, name, WINDOW));
    await new ClientModel(stage, 'p', WINDOW).connect(4, true);
    for (const [number, next] of events.entries()) await apply(next, clients, stage, number);
    for (const client of clients) {
      if (client.session?.lasts) await client.connect(4, false);
      while ((await client.read(1)) > 0);
      assert.deepEqual(client.session?.outstanding ?? [], []);
    }
  } finally {
    await stage.close();
  }
}

test('whatever becomes of connections, sessions keep what they owe, in order, once or at least once', async () => {
  await fc.assert(fc.asyncProperty(fc.array(event, { minLength: 20, maxLength: 60 }), play), {
    numRuns: 60,
    includeErrorInReport: true,
  });
});
