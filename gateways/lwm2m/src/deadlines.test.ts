import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timers, VirtualClock } from '@portico/core';
import fc from 'fast-check';
import { Deadlines, type Mortal } from './deadlines.js';

class Item implements Mortal {
  lookAt = 0;
  constructor(
    readonly name: string,
    public deadline: number,
  ) {}
}

function setUp() {
  const clock = new VirtualClock();
  const timers = new Timers(clock, (error) => assert.fail(String(error)));
  const over: string[] = [];
  const deadlines = new Deadlines<Item>({ clock, timers }, ({ name }) => over.push(name));
  return { clock, timers, over, deadlines };
}

test('what is not moved is over in its time, what is moved later', () => {
  const { clock, over, deadlines } = setUp();
  const [still, moved] = [new Item('still', 5000), new Item('moved', 5000)];
  deadlines.watch(still);
  deadlines.watch(moved);
  clock.advance(4000);
  moved.deadline = 9000;
  deadlines.watch(moved);
  clock.advance(900);
  assert.deepEqual(over, []);
  clock.advance(200);
  assert.deepEqual(over, ['still']);
  clock.advance(3800);
  assert.deepEqual(over, ['still']);
  clock.advance(200);
  assert.deepEqual(over, ['still', 'moved']);
});

test('a deadline that is made sooner is kept', () => {
  const { clock, over, deadlines } = setUp();
  const item = new Item('a', 86_400_000);
  deadlines.watch(item);
  item.deadline = 2000;
  deadlines.watch(item);
  clock.advance(2010);
  assert.deepEqual(over, ['a']);
  clock.advance(86_400_000);
  assert.deepEqual(over, ['a']);
});

test('there is a timer for each second, however many are watched, and none for those forgotten', () => {
  const { timers, over, clock, deadlines } = setUp();
  const items = Array.from({ length: 1000 }, (_, at) => new Item(String(at), 10_000 + (at % 3) * 1000));
  for (const item of items) deadlines.watch(item);
  assert.equal(timers.size, 3);
  for (const item of items) deadlines.forget(item);
  assert.equal(timers.size, 0);
  clock.advance(20_000);
  assert.deepEqual(over, []);
});

test('whatever is watched, moved and forgotten: each is over once, in its second, or not at all', () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 5000 }),
    item: fc.integer({ min: 0, max: 4 }),
    patience: fc.option(fc.integer({ min: 0, max: 20_000 })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const clock = new VirtualClock();
      const timers = new Timers(clock, (error) => assert.fail(String(error)));
      const items = Array.from({ length: 5 }, (_, at) => new Item(String(at), 0));
      const watched = new Set<Item>();
      const deadlines = new Deadlines<Item>({ clock, timers }, (item) => {
        const late = clock.monotonic() - item.deadline;
        assert.ok(watched.delete(item) && late >= 0 && late <= 1020, `${late} ms late`);
      });
      for (const { wait, item: at, patience } of steps) {
        clock.advance(wait);
        const item = items[at] as Item;
        if (patience === null) {
          deadlines.forget(item);
          watched.delete(item);
          continue;
        }
        item.deadline = clock.monotonic() + patience;
        watched.add(item);
        deadlines.watch(item);
      }
      clock.advance(30_000);
      assert.equal(watched.size, 0);
      assert.equal(timers.size, 0);
    }),
  );
});
