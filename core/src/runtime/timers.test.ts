import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from './clock.js';
import { TIMER_TICK, Timer, Timers } from './timers.js';

function wheel() {
  const clock = new VirtualClock();
  const errors: unknown[] = [];
  return { clock, errors, timers: new Timers(clock, (error) => errors.push(error)) };
}

test('a timer fires once, never early and at most one tick late, over all levels of the wheel', () => {
  const delays = fc.array(fc.integer({ min: 0, max: 40 * 24 * 3600 * 1000 }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(delays, fc.integer({ min: 0, max: 100_000 }), (wanted, lead) => {
      const { clock, timers } = wheel();
      clock.advance(lead);
      const start = clock.monotonic();
      const fired: number[] = [];
      wanted.forEach((delay, index) => {
        timers.after(delay, () => (fired[index] = clock.monotonic() - start));
      });
      clock.advance(41 * 24 * 3600 * 1000);
      wanted.forEach((delay, index) => {
        const actual = fired[index];
        assert.ok(actual !== undefined, `timer of ${delay} ms never fired`);
        assert.ok(
          actual >= delay && actual <= Math.max(delay, 1) + TIMER_TICK,
          `${delay} ms fired at ${actual}`,
        );
      });
      assert.equal(timers.size, 0);
    }),
    { numRuns: 60 },
  );
});

test('a timer longer than the wheel reaches is placed again until it is due', () => {
  const { clock, timers } = wheel();
  const days = 24 * 3600 * 1000;
  let fired = false;
  timers.after(300 * days, () => (fired = true));
  clock.advance(300 * days - 1);
  assert.equal(fired, false);
  clock.advance(TIMER_TICK + 1);
  assert.equal(fired, true);
});

test('cancel disarms, arming again moves', () => {
  const { clock, timers } = wheel();
  const fired: string[] = [];
  const cancelled = timers.after(100, () => fired.push('cancelled'));
  const moved = timers.after(100, () => fired.push('moved'));
  timers.cancel(cancelled);
  timers.arm(moved, 500);
  assert.equal(timers.size, 1);
  clock.advance(400);
  assert.deepEqual(fired, []);
  clock.advance(200);
  assert.deepEqual(fired, ['moved']);
  assert.equal(moved.armed, false);
});

test('a timer may arm itself again from its own function', () => {
  const { clock, timers } = wheel();
  let count = 0;
  class Periodic extends Timer {
    override fire(): void {
      count++;
      timers.arm(this, 1000);
    }
  }
  timers.arm(new Periodic(), 1000);
  clock.advance(10_500);
  assert.equal(count, 10);
});

test('what a timer throws is reported and the others still fire', () => {
  const { clock, errors, timers } = wheel();
  let fired = false;
  timers.after(10, () => {
    throw new Error('broken');
  });
  timers.after(10, () => (fired = true));
  clock.advance(50);
  assert.equal(fired, true);
  assert.equal(errors.length, 1);
});

test('timers of one moment fire in the order in which they were armed', () => {
  const { clock, timers } = wheel();
  const fired: number[] = [];
  for (let i = 0; i < 5; i++) timers.after(2000, () => fired.push(i));
  clock.advance(3000);
  assert.deepEqual(fired, [0, 1, 2, 3, 4]);
});

/** A clock whose wake-ups come late, as under load, and that remembers how long it was to sleep. */
class LateClock extends VirtualClock {
  readonly sleeps: number[] = [];
  readonly #lateness: number;
  constructor(lateness: number) {
    super();
    this.#lateness = lateness;
  }
  override schedule(delay: number, wake: () => void) {
    this.sleeps.push(delay);
    return super.schedule(delay + this.#lateness, wake);
  }
}

test('a timer armed by one that fires late is not early', () => {
  for (let lateness = 0; lateness < 50; lateness++) {
    for (const delay of [600, 610, 620, 630, 640, 650]) {
      const clock = new LateClock(lateness);
      const timers = new Timers(clock, (error) => assert.fail(String(error)));
      let due = 0;
      let firedAt: number | undefined;
      timers.after(100, () => {
        due = clock.monotonic() + delay;
        timers.after(delay, () => {
          firedAt = clock.monotonic();
        });
      });
      clock.advance(2000);
      assert.ok(firedAt !== undefined && firedAt >= due, `${delay} ms, woken ${lateness} ms late`);
    }
  }
});

test('the system is never asked for a longer sleep than it can do', () => {
  const clock = new LateClock(0);
  const timers = new Timers(clock, (error) => assert.fail(String(error)));
  const month = 30 * 24 * 3600 * 1000;
  let fired = false;
  timers.after(month, () => {
    fired = true;
  });
  clock.advance(month - 1);
  assert.equal(fired, false);
  clock.advance(2 * TIMER_TICK);
  assert.equal(fired, true);
  assert.ok(Math.max(...clock.sleeps) < 2 ** 31);
});
