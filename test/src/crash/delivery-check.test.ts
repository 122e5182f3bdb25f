import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDeliveries, type Reception } from './delivery-check.js';
import { Lane, readPayload } from './lane.js';

/** A lane of `count` messages, each sent and acknowledged once. */
function lane(qos: 1 | 2, count: number, topic = 'a'): Lane {
  const made = new Lane(topic, qos);
  for (let number = 0; number < count; number++) {
    made.messages.push({ sends: 1, acknowledged: true });
  }
  return made;
}

/** Receptions on one connection. */
function got(qos: 1 | 2, numbers: readonly (number | undefined)[], connection = 1, topic = 'a'): Reception[] {
  return numbers.map((number) => ({ topic, number, qos, connection: String(connection) }));
}

/** The findings about one lane, as `kind: messages`. */
function findings(of: Lane, receptions: readonly Reception[], qos: 1 | 2 = of.qos): string[] {
  return checkDeliveries({ subscriber: 's', qos, lanes: [of], receptions }).map(
    ({ kind, text }) => `${kind}: ${text.split(': ').at(-1)}`,
  );
}

test('each message once and in order is right', () => {
  assert.deepEqual(findings(lane(1, 3), got(1, [0, 1, 2])), []);
  assert.deepEqual(findings(lane(2, 3), got(2, [0, 1, 2])), []);
  assert.deepEqual(findings(lane(2, 3), got(1, [0, 1, 2]), 1), []);
});

test('an acknowledged message that never came is lost, one that was not acknowledged is not', () => {
  const sent = lane(1, 4);
  sent.messages.push({ sends: 3, acknowledged: false });
  assert.deepEqual(findings(sent, got(1, [0, 3])), ['loss: 1, 2']);
  assert.deepEqual(findings(sent, []), ['loss: 0, 1, 2, 3']);
});

test('at QoS 2 every second occurrence is a duplicate', () => {
  const sent = lane(2, 3);
  for (const message of sent.messages) message.sends = 5;
  const receptions = [...got(2, [0, 1]), ...got(2, [1, 2, 2, 2], 2)];
  assert.deepEqual(findings(sent, receptions), ['duplicate: 1, 2, 2']);
});

test('at QoS 1 a message may come again by another connection, or when it was sent again', () => {
  const sent = lane(1, 3);
  assert.deepEqual(findings(sent, [...got(1, [0, 1]), ...got(1, [0, 1, 2], 2)]), []);
  assert.deepEqual(findings(sent, got(1, [0, 1, 0, 2])), ['duplicate: 0']);
  for (const message of sent.messages) message.sends = 2;
  assert.deepEqual(findings(sent, got(1, [0, 1, 0, 2])), []);
});

test('first occurrences must be in order, repetitions need not', () => {
  assert.deepEqual(findings(lane(1, 4), got(1, [0, 2, 3, 1])), ['order: 1']);
  assert.deepEqual(findings(lane(1, 4), [...got(1, [0, 1, 2]), ...got(1, [1, 2, 3], 2)]), []);
});

test('the members of a shared subscription together get each message once, in any order', () => {
  const check = (receptions: readonly Reception[]) =>
    checkDeliveries({ subscriber: 's', qos: 2, lanes: [lane(2, 3)], receptions, shared: true });
  assert.deepEqual(check([...got(2, [0, 2], 1), ...got(2, [1], 2)]), []);
  assert.deepEqual(
    check([...got(2, [0, 2], 1), ...got(2, [0], 2)]).map(({ kind }) => kind),
    ['loss', 'duplicate'],
  );
});

test('what was never sent, is damaged or has another QoS is strange', () => {
  const sent = lane(2, 3);
  assert.deepEqual(findings(sent, [...got(2, [0, 1, 2, 7]), ...got(1, [1])]), ['stranger: 7, 1']);
  assert.deepEqual(findings(sent, got(2, [0, undefined, 1, 2])), ['stranger: damaged']);
  const unsent = lane(1, 1);
  unsent.next();
  assert.deepEqual(findings(unsent, got(1, [0, 1])), ['stranger: 1']);
  const elsewhere = got(1, [0], 1, 'b');
  assert.deepEqual(findings(lane(1, 1), [...got(1, [0]), ...elsewhere]), ['stranger: b']);
});

test('lanes are looked at one by one', () => {
  const lanes = [lane(1, 2, 'a'), lane(2, 2, 'b')];
  const receptions = [...got(2, [0], 1, 'b'), ...got(1, [0, 1]), ...got(2, [1], 1, 'b')];
  assert.deepEqual(checkDeliveries({ subscriber: 's', qos: 2, lanes, receptions }), []);
  assert.deepEqual(checkDeliveries({ subscriber: 's', qos: 2, lanes, receptions: receptions.slice(1) }), [
    { kind: 'loss', text: 's, QoS 2: b: 1 message: 0' },
  ]);
});

test('a payload tells its number only as it was sent', () => {
  const sent = new Lane('load/a', 1);
  for (const number of [0, 15, 16, 499, 123_456]) {
    assert.equal(readPayload('load/a', sent.payload(number)), number);
  }
  assert.equal(readPayload('load/b', sent.payload(1)), undefined);
  assert.equal(readPayload('load/a', sent.payload(1).subarray(1)), undefined);
  assert.equal(readPayload('load/a', Buffer.alloc(0)), undefined);
  const flipped = sent.payload(3);
  flipped[40] = 0;
  assert.equal(readPayload('load/a', flipped), undefined);
});
