import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Message, type QoS } from './message.js';
import { QueuedDelivery } from './message-queue.js';
import { PriorityQueue, priorityOf, type QueuePriorities } from './priority-queue.js';
import type { Subscription } from './subscription.js';

const PRIORITIES: QueuePriorities = {
  byTopic: new Map([
    ['alarm', 9],
    ['event', 5],
    ['trend', 5],
  ]),
  others: 0,
};

function delivery(
  topic: string,
  qos: QoS = 1,
  mountLength = 0,
  priorities: QueuePriorities = PRIORITIES,
): QueuedDelivery {
  const message = new Message({ topic, payload: Buffer.alloc(3), qos, timestamp: 0 });
  const subscription = { mountLength } as Subscription;
  const priority = priorityOf(priorities, topic, subscription);
  return new QueuedDelivery(message, subscription, qos, false, priority);
}

function topics(deliveries: Iterable<QueuedDelivery>): string[] {
  return [...deliveries].map(({ message }) => message?.topic ?? '');
}

test('the higher priority goes first, the older one within a priority', () => {
  const queue = new PriorityQueue(Number.POSITIVE_INFINITY);
  for (const topic of ['x', 'event', 'alarm', 'trend', 'y', 'alarm', 'event']) queue.push(delivery(topic));
  assert.equal(queue.peek()?.message?.topic, 'alarm');
  assert.equal(queue.length, 7);
  assert.deepEqual(topics(queue.drain()), ['alarm', 'alarm', 'event', 'trend', 'event', 'x', 'y']);
  assert.deepEqual([queue.length, queue.peek()], [0, undefined]);
});

test('topics without a priority may be the highest', () => {
  const queue = new PriorityQueue(Number.POSITIVE_INFINITY);
  const priorities = { ...PRIORITIES, others: Number.POSITIVE_INFINITY };
  for (const topic of ['event', 'x', 'alarm']) queue.push(delivery(topic, 1, 0, priorities));
  assert.deepEqual(topics(queue.drain()), ['x', 'alarm', 'event']);
});

test('the topic is the one that the client is sent, without mountpoint', () => {
  const queue = new PriorityQueue(Number.POSITIVE_INFINITY);
  queue.push(delivery('alarm', 1, 0));
  queue.push(delivery('fleet/alarm', 1, 0));
  queue.push(delivery('fleet/alarm', 1, 6));
  assert.deepEqual(topics(queue.drain()), ['alarm', 'fleet/alarm', 'fleet/alarm']);
  queue.push(delivery('fleet/x', 1, 6));
  queue.push(delivery('fleet/alarm', 1, 6));
  assert.deepEqual(topics(queue.drain()), ['fleet/alarm', 'fleet/x']);
});

test('full, the lowest priority makes room: its oldest QoS 0 message, else its oldest', () => {
  const queue = new PriorityQueue(3);
  const dropped = (topic: string, qos: QoS) => queue.push(delivery(topic, qos))?.message?.topic;
  assert.deepEqual(
    [dropped('event', 1), dropped('x', 1), dropped('y', 0)],
    [undefined, undefined, undefined],
  );
  assert.equal(dropped('alarm', 1), 'y');
  assert.equal(dropped('alarm', 0), 'x');
  assert.equal(dropped('z', 2), 'z', 'everything else is above it');
  assert.equal(dropped('trend', 1), 'event');
  assert.equal(dropped('event', 0), 'event', 'a QoS 0 message finds none that it could replace');
  assert.deepEqual(topics(queue.drain()), ['alarm', 'alarm', 'trend']);
});

test('QoS 0 messages overtake the others, those of the highest priority first', () => {
  const queue = new PriorityQueue(Number.POSITIVE_INFINITY);
  queue.push(delivery('alarm', 1));
  assert.equal(queue.hasQos0, false);
  queue.push(delivery('x', 0));
  queue.push(delivery('event', 0));
  assert.deepEqual([queue.shiftQos0()?.message?.topic, queue.shiftQos0()?.message?.topic], ['event', 'x']);
  assert.deepEqual([queue.hasQos0, queue.shiftQos0(), queue.length], [false, undefined, 1]);
});

test('whatever comes and goes, nothing is lost unseen and every topic stays in order', () => {
  const push = fc.record({
    topic: fc.constantFrom('alarm', 'event', 'trend', 'x'),
    qos: fc.constantFrom<QoS>(0, 1),
  });
  const steps = fc.array(fc.oneof(push, fc.constantFrom('shift', 'shiftQos0')), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), steps, (limit, list) => {
      const queue = new PriorityQueue(limit || Number.POSITIVE_INFINITY);
      let waiting: QueuedDelivery[] = [];
      const gone = (one: QueuedDelivery | undefined) => {
        waiting = waiting.filter((other) => other !== one);
      };
      for (const step of list) {
        if (typeof step === 'object') {
          const added = delivery(step.topic, step.qos);
          waiting.push(added);
          gone(queue.push(added));
        } else gone(step === 'shift' ? queue.shift() : queue.shiftQos0());
        assert.equal(queue.length, waiting.length);
        assert.ok(limit === 0 || queue.length <= limit);
        assert.equal(
          queue.hasQos0,
          waiting.some(({ qos }) => qos === 0),
        );
      }
      const left = [...queue.drain()];
      for (const topic of ['alarm', 'event', 'trend', 'x']) {
        const of = (deliveries: QueuedDelivery[]) =>
          deliveries.filter(({ message }) => message?.topic === topic);
        assert.deepEqual(of(left), of(waiting));
      }
    }),
  );
});
