import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { LogStore } from './log-store.js';
import { contents, openStore } from './testing/open-store.js';

/** What a test of the model does, one after the other. */
type Step =
  | { readonly kind: 'put'; readonly table: string; readonly key: string; readonly size: number }
  | { readonly kind: 'delete'; readonly table: string; readonly key: string }
  | { readonly kind: 'commit' | 'close' | 'crash' | 'read' };

const TABLES = ['t', 'u'];
const table = fc.constantFrom(...TABLES);
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      table,
      key,
      size: fc.integer({ min: 0, max: 300 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), table, key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('commit', 'close', 'crash', 'read') }) },
);

type Model = Map<string, Map<string, string>>;

function emptyModel(): Model {
  return new Map(TABLES.map((name) => [name, new Map<string, string>()]));
}

function write(store: LogStore, model: Model, step: Step, value: string): void {
  if (step.kind === 'put') {
    store.put(step.table, step.key, Buffer.from(value.repeat(step.size)));
    model.get(step.table)?.set(step.key, value.repeat(step.size));
  } else if (step.kind === 'delete') {
    store.delete(step.table, step.key);
    model.get(step.table)?.delete(step.key);
  }
}

async function assertSame(store: LogStore, model: Model): Promise<void> {
  for (const [name, entries] of model) {
    assert.deepEqual(await contents(store, name), Object.fromEntries(entries));
    for (const [key, value] of entries) assert.equal(String(await store.get(name, key)), value);
  }
}

test('a store holds what a map would, however it is written, closed, killed and compacted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const options = { segmentSize: 1000 };
      let { store, folder } = await openStore(undefined, options);
      const model = emptyModel();
      for (const [number, step] of steps.entries()) {
        write(store, model, step, String(number % 10));
        if (step.kind === 'commit') await store.commit();
        if (step.kind === 'read') await assertSame(store, model);
        if (step.kind === 'close') await store.close();
        if (step.kind === 'crash') {
          await store.commit();
          folder = folder.copy();
        }
        if (step.kind === 'close' || step.kind === 'crash') {
          ({ store, folder } = await openStore(folder, options));
          await assertSame(store, model);
        }
      }
      await assertSame(store, model);
    }),
  );
});
