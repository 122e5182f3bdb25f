import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timers, VirtualClock } from '@portico/core';
import { CommandQueue, type Queued, type QueueOwner } from './command-queue.js';

interface Entry extends Queued {
  readonly name: string;
}

/** A queue whose device does as the test says; what it is sent is not answered by itself. */
class QueueTest implements QueueOwner<Entry> {
  readonly clock = new VirtualClock();
  readonly errors: unknown[] = [];
  readonly timers = new Timers(this.clock, (error) => this.errors.push(error));
  readonly queue = new CommandQueue<Entry>(this, this.timers, () => this.clock.now());
  readonly log: string[] = [];
  reachable = true;
  hasWay = true;
  /** Whether sending fails at once. */
  failsAtOnce = false;

  send({ name }: Entry): boolean {
    if (!this.hasWay) return false;
    this.log.push(`sent ${name}`);
    if (this.failsAtOnce) this.queue.finished();
    return true;
  }

  expired({ name }: Entry): void {
    this.log.push(`expired ${name}`);
  }

  /** @param lifetime milliseconds */
  push(name: string, lifetime = Number.POSITIVE_INFINITY): void {
    this.queue.push({ name, expiresAt: this.clock.now() + lifetime });
  }

  take(): string[] {
    return this.log.splice(0);
  }
}

test('one is on its way, the others wait for its end, in order', () => {
  const it = new QueueTest();
  for (const name of ['a', 'b', 'c']) it.push(name);
  assert.deepEqual(it.take(), ['sent a']);
  assert.equal(it.queue.size, 3);
  it.queue.finished();
  it.queue.finished();
  assert.deepEqual(it.take(), ['sent b', 'sent c']);
  it.queue.finished();
  assert.equal(it.queue.size, 0);
});

test('nothing is sent to a device that sleeps until it is awake', () => {
  const it = new QueueTest();
  it.reachable = false;
  it.push('a');
  it.push('b');
  it.queue.pump();
  assert.deepEqual(it.take(), []);
  it.reachable = true;
  it.queue.pump();
  assert.deepEqual(it.take(), ['sent a']);
  it.reachable = false;
  it.queue.finished();
  assert.deepEqual(it.take(), []);
});

test('what there is no way for keeps its place', () => {
  const it = new QueueTest();
  it.hasWay = false;
  it.push('a');
  it.push('b');
  assert.deepEqual(
    it.queue.waiting.map(({ name }) => name),
    ['a', 'b'],
  );
  it.hasWay = true;
  it.queue.pump();
  assert.deepEqual(it.take(), ['sent a']);
});

test('sending that fails at once does not hold the others up', () => {
  const it = new QueueTest();
  it.reachable = false;
  for (const name of ['a', 'b', 'c']) it.push(name);
  it.reachable = true;
  it.failsAtOnce = true;
  it.queue.pump();
  assert.deepEqual(it.take(), ['sent a', 'sent b', 'sent c']);
  assert.equal(it.queue.size, 0);
});

test('what waits for too long expires, what is on its way does not', () => {
  const it = new QueueTest();
  it.push('sent', 1000);
  it.push('long', 5000);
  it.push('short', 2000);
  it.push('ever');
  it.take();
  it.clock.advance(2010);
  assert.deepEqual(it.take(), ['expired short']);
  it.clock.advance(3000);
  assert.deepEqual(it.take(), ['expired long']);
  it.clock.advance(1_000_000);
  it.queue.finished();
  assert.deepEqual(it.take(), ['sent ever']);
  assert.equal(it.timers.size, 0);
  assert.deepEqual(it.errors, []);
});

test('what has expired is not sent', () => {
  const it = new QueueTest();
  it.push('a', 0);
  assert.deepEqual(it.take(), ['expired a']);
});

test('all are taken out, that on its way first', () => {
  const it = new QueueTest();
  it.push('a', 1000);
  it.push('b', 1000);
  assert.deepEqual(
    it.queue.clear().map(({ name }) => name),
    ['a', 'b'],
  );
  assert.equal(it.queue.size, 0);
  assert.equal(it.timers.size, 0);
  assert.deepEqual(it.queue.clear(), []);
});

test('what cannot be sent for a fault of the hub does not stop the others', () => {
  const it = new QueueTest();
  const { send } = it;
  it.send = () => {
    throw new Error('a fault');
  };
  assert.throws(() => it.push('a'), /a fault/);
  it.send = send;
  it.push('b');
  assert.deepEqual(it.take(), ['sent b']);
});
