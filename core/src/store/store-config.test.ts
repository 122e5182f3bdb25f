import assert from 'node:assert/strict';
import test from 'node:test';
import { storeConfigSchema } from './store-config.js';

test('by default all is on disk before it is acknowledged', () => {
  assert.deepEqual(storeConfigSchema.parse({}), {
    type: 'embedded',
    sync: 'always',
    max_bytes: 10 * 1024 ** 3,
    segment_size: 64 * 1024 ** 2,
  });
});

test('an interval of flushes is in milliseconds', () => {
  assert.equal(storeConfigSchema.parse({ sync: 'interval 1s' }).sync, 1000);
  assert.equal(storeConfigSchema.parse({ sync: 'interval 10ms' }).sync, 10);
  assert.equal(storeConfigSchema.parse({ sync: 'never' }).sync, 'never');
});

test('what is no interval is refused with what is one', () => {
  for (const sync of ['sometimes', 'interval', 'interval 5', 'interval 9ms', 'interval 2h', 'always 1s']) {
    const result = storeConfigSchema.safeParse({ sync });
    assert.match(
      result.error?.issues[0]?.message ?? 'accepted',
      /always, never, or interval and a duration/,
      sync,
    );
  }
});
