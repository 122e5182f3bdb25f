import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageIds } from './message-ids.js';

const LIFETIME = 247_000;

test('ids follow one another, and each is given once', () => {
  const ids = new MessageIds(LIFETIME);
  const given = Array.from({ length: 0x10000 }, () => ids.next(0) ?? -1);
  assert.equal(new Set(given).size, 0x10000);
  assert.ok(given.every((id) => id >= 0 && id <= 0xffff));
  const [first = 0, second] = given;
  assert.equal(second, (first + 1) & 0xffff);
});

test('no id is given again within its lifetime, and every one afterwards', () => {
  const ids = new MessageIds(LIFETIME);
  const lastGiven = new Map<number, number>();
  let held = 0;
  for (let now = 0; now < 4 * LIFETIME; now++) {
    const id = ids.next(now);
    if (id === undefined) {
      held++;
      continue;
    }
    const before = lastGiven.get(id);
    assert.ok(before === undefined || now - before >= LIFETIME, `${id} after ${now - (before ?? 0)} ms`);
    lastGiven.set(id, now);
  }
  assert.ok(held > 0, 'a message each millisecond is more than there are ids');
  const given = 4 * LIFETIME - held;
  assert.ok(given > 3 * 0x10000, `${given} given`);
});
