import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Message, type QoS } from './message.js';
import { MessageQueue, QueuedDelivery } from './message-queue.js';
import type { Subscription } from './subscription.js';

function delivery(name: string, qos: QoS): QueuedDelivery {
  const message = new Message({ topic: name, payload: Buffer.alloc(0), qos, timestamp: 0 });
  return new QueuedDelivery(message, {} as Subscription, qos, false);
}

/** What the queue promises, told with an array. */
class Model {
  readonly waiting: QueuedDelivery[] = [];
  constructor(readonly limit: number) {}
  push(added: QueuedDelivery): QueuedDelivery | undefined {
    if (this.limit === 0 || this.waiting.length < this.limit) {
      this.waiting.push(added);
      return undefined;
    }
    const qos0 = this.waiting.findIndex(({ qos }) => qos === 0);
    if (qos0 < 0 && added.qos === 0) return added;
    const [dropped] = this.waiting.splice(Math.max(0, qos0), 1);
    this.waiting.push(added);
    return dropped;
  }
}

test('it is the model: first in, first out; full, the oldest QoS 0 goes, else the oldest', () => {
  const step = fc.oneof(
    fc.constantFrom<QoS | 'shift' | 'shiftQos0'>(0, 1, 2),
    fc.constantFrom<QoS | 'shift' | 'shiftQos0'>('shift', 'shiftQos0'),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
      const queue = new MessageQueue(limit || Number.POSITIVE_INFINITY);
      const model = new Model(limit);
      steps.forEach((action, i) => {
        if (action === 'shift') assert.equal(queue.shift(), model.waiting.shift());
        else if (action === 'shiftQos0') {
          const at = model.waiting.findIndex(({ qos }) => qos === 0);
          assert.equal(queue.shiftQos0(), at < 0 ? undefined : model.waiting.splice(at, 1)[0]);
        } else {
          const added = delivery(String(i), action);
          assert.equal(queue.push(added), model.push(added));
        }
        assert.equal(queue.length, model.waiting.length);
        assert.equal(queue.peek(), model.waiting[0]);
        assert.equal(
          queue.hasQos0,
          model.waiting.some(({ qos }) => qos === 0),
        );
      });
      assert.deepEqual([...queue.drain()], model.waiting);
    }),
  );
});
