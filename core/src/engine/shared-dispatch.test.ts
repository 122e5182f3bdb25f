import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestClient, TestHub } from '../testing/index.js';

function group(hub: TestHub, filter: string, size: number, changes = {}): TestClient[] {
  return Array.from({ length: size }, (_, i) => {
    const client = hub.client(`${filter}-${i}`, changes);
    client.subscribe(filter, { qos: 1 });
    return client;
  });
}

test('one member of each group gets each message, ordinary subscribers all of them', () => {
  const hub = new TestHub();
  const g1 = group(hub, '$share/g1/t', 3);
  const g2 = group(hub, '$share/g2/t', 2);
  const queue = group(hub, '$queue/t', 2);
  const plain = hub.client('plain');
  plain.subscribe('t');
  const device = hub.client('d');
  for (let i = 0; i < 30; i++) device.publish('t', String(i));
  const total = (clients: TestClient[]) => clients.reduce((sum, client) => sum + client.received.length, 0);
  assert.deepEqual([total(g1), total(g2), total(queue), plain.received.length], [30, 30, 30, 30]);
});

test('round_robin takes turns, sticky stays, hash goes by publisher or topic', () => {
  const shares = (strategy: string, publish: (hub: TestHub) => void) => {
    const hub = new TestHub({ broker: { shared_subscription_strategy: strategy } });
    const members = group(hub, '$share/g/t/#', 3);
    publish(hub);
    return members.map((member) => member.received.length).sort();
  };
  const sameTopic = (hub: TestHub) => {
    const device = hub.client('d');
    for (let i = 0; i < 9; i++) device.publish('t/1', 'x');
  };
  assert.deepEqual(shares('round_robin', sameTopic), [3, 3, 3]);
  assert.deepEqual(shares('sticky', sameTopic), [0, 0, 9]);
  assert.deepEqual(shares('hash', sameTopic), [0, 0, 9]);
  assert.deepEqual(shares('hash_clientid', sameTopic), [0, 0, 9]);
  assert.deepEqual(shares('hash_topic', sameTopic), [0, 0, 9]);
  const spread = shares('hash_topic', (hub) => {
    const device = hub.client('d');
    for (let i = 0; i < 300; i++) device.publish(`t/${i}`, 'x');
  });
  assert.ok(
    spread.every((count) => count > 50),
    `uneven: ${spread}`,
  );
});

test('a sticky member that leaves is followed by another', () => {
  const hub = new TestHub({ broker: { shared_subscription_strategy: 'sticky' } });
  const members = group(hub, '$share/g/t', 2);
  const device = hub.client('d');
  device.publish('t', '1');
  const chosen = members.findIndex((member) => member.received.length === 1);
  members[chosen]?.session.close('closed');
  device.publish('t', '2');
  assert.deepEqual(members[1 - chosen]?.take(), ['t=2']);
});

test('connected members go before those that are away', () => {
  const hub = new TestHub({ broker: { shared_subscription_strategy: 'round_robin' } });
  const persistent = { cleanStart: false, sessionExpiry: 100 };
  const [first, second] = group(hub, '$share/g/t', 2, persistent) as [TestClient, TestClient];
  first.session.close('closed');
  const device = hub.client('d');
  for (const payload of ['1', '2']) device.publish('t', payload, 1);
  assert.deepEqual(second.take(), ['t=1', 't=2']);
  second.session.close('closed');
  assert.equal(device.publish('t', '3', 1), 'ok', 'a member that is away keeps it');
});

test('when a session ends, unacknowledged QoS 1 and unsent messages go to another member, sent QoS 2 do not', () => {
  const hub = new TestHub({ broker: { shared_subscription_strategy: 'sticky' } });
  const options = { options: { maxInflight: 2 } };
  const first = hub.client('first', options);
  first.autoAck = false;
  first.subscribe('$share/g/t', { qos: 2 });
  const device = hub.client('d');
  device.publish('t', 'one', 1);
  device.publish('t', 'two', 2);
  device.publish('t', 'three', 2);
  const second = hub.client('second');
  second.subscribe('$share/g/t', { qos: 2 });
  first.session.close('closed');
  assert.deepEqual(second.take(), ['t=one', 't=three']);
  assert.equal(hub.metrics.get('delivery.dropped.unacknowledged'), 1);
});

test('a delivery that a channel gives back goes to another member, or is dropped where there is none', () => {
  const hub = new TestHub();
  const [first] = group(hub, '$share/g/t', 1);
  assert.ok(first);
  first.autoAck = false;
  const device = hub.client('d');
  for (const payload of ['one', 'two']) device.publish('t', payload, 1);
  const [one = 0, two = 0] = first.received.map(({ packetId }) => packetId);
  assert.equal(first.session.givenBack(one), true);
  assert.equal(hub.metrics.get('delivery.dropped.abandoned'), 1);
  const second = hub.client('second');
  second.subscribe('$share/g/t', { qos: 1 });
  assert.equal(first.session.givenBack(two), true);
  assert.deepEqual(second.take(), ['t=two']);
  assert.equal(first.session.givenBack(two), false);
  assert.equal(hub.metrics.get('delivery.dropped'), 1);
});

test('with shared_dispatch_ack_enabled a disconnection is enough', () => {
  const persistent = { cleanStart: false, sessionExpiry: 100 };
  for (const enabled of [false, true]) {
    const hub = new TestHub({
      broker: { shared_subscription_strategy: 'sticky', shared_dispatch_ack_enabled: enabled },
    });
    const first = hub.client('first', persistent);
    first.autoAck = false;
    first.subscribe('$share/g/t', { qos: 1 });
    hub.client('d').publish('t', 'one', 1);
    const second = hub.client('second');
    second.subscribe('$share/g/t', { qos: 1 });
    first.session.close('closed');
    assert.deepEqual(second.take(), enabled ? ['t=one'] : []);
  }
});

test('a client that does not want its own messages leaves them to another member', () => {
  const hub = new TestHub();
  const [publisher, other] = group(hub, '$queue/t', 2, { options: { ignoreLoopDeliver: true } });
  for (let i = 0; i < 50; i++) publisher?.publish('t', String(i));
  assert.equal(other?.received.length, 50);
  other?.session.close('normal');
  publisher?.publish('t', 'nobody else');
  assert.equal(hub.metrics.get('delivery.dropped.no_local'), 1);
});

test('a session with two subscriptions in a group does not hand messages on to itself', () => {
  const hub = new TestHub({ broker: { shared_dispatch_ack_enabled: true } });
  const client = hub.client('c', { sessionExpiry: 100, cleanStart: false });
  client.autoAck = false;
  client.subscribe('$queue/t', { qos: 1 });
  client.subscribe('$share/$queue/t', { qos: 1 });
  hub.client('d').publish('t', 'x', 1);
  client.session.close('closed');
  const again = hub.client('c', { sessionExpiry: 100, cleanStart: false });
  assert.deepEqual(again.take(), ['t=x']);
});

test('what the hook client.disconnected publishes goes to a member that is there', () => {
  const hub = new TestHub();
  const stays = hub.client('stays');
  stays.subscribe('$share/g/events');
  const leaves = hub.client('leaves');
  leaves.subscribe('$share/g/events');
  const device = hub.client('d');
  hub.hooks.clientDisconnected.add('test', () => void device.publish('events', 'left'));
  leaves.session.close('normal');
  assert.deepEqual([stays.take(), leaves.take()], [['events=left'], []]);
});
