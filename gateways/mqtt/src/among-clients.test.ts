import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectPacket, ProtocolVersion, Publish, QoS, SubscriptionRequest } from '@portico/codec-mqtt';
import { TestHub } from '@portico/core/testing';
import { Client, connected, startGateway } from './testing.js';

/** What MQTT clients see of each other, and of what they left behind themselves. */

/** A gateway that any number of clients can join. */
function meeting() {
  const hub = new TestHub();
  const gateway = startGateway(hub);
  const join = (clientId: string, version: ProtocolVersion, fields: Partial<ConnectPacket> = {}) =>
    connected(hub, version, { clientId, ...fields }, gateway);
  /** Comes back to its session; gives what came after the CONNACK. */
  const comeBack = (clientId: string, version: ProtocolVersion, fields: Partial<ConnectPacket>) => {
    const client = new Client(gateway, hub, version);
    client.connects({ clientId, ...fields });
    const [connack, ...others] = client.look();
    assert.match(connack ?? '', /^CONNACK sessionPresent=true 0x00/);
    return others;
  };
  return { hub, join, comeBack };
}

/** Subscribes and gives what came after the SUBACK: retained messages. */
async function subscribes(
  hub: TestHub,
  client: Client,
  filter: string,
  options: Partial<SubscriptionRequest> = {},
): Promise<string[]> {
  const subscription = { qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  const subscriptions = [{ ...subscription, filter, ...options }];
  client.sends({ type: 'subscribe', packetId: 99, subscriptions });
  await hub.nextTurn();
  const [suback, ...retained] = client.look();
  assert.match(suback ?? '', /^SUBACK id=99 0x0[012]/);
  return retained;
}

function lose(client: Client): void {
  client.channel.onClose('closed');
}

test('a request finds its responder, and the response its way back (MQTT 5 §4.10)', async () => {
  const { hub, join } = meeting();
  const requester = join('requester', 5);
  const responder = join('responder', 5);
  await subscribes(hub, requester, 'calls/#', { noLocal: true });
  await subscribes(hub, responder, 'calls/#', { noLocal: true });
  const properties = { responseTopic: 'calls/answers', correlationData: Buffer.from('7') };
  requester.publishes('calls/open', 'what?', { properties });
  const [request] = responder.takes();
  assert.equal(request?.type, 'publish');
  assert.deepEqual(request.properties, properties);
  const correlationData = Buffer.from(request.properties?.correlationData ?? '');
  responder.publishes(request.properties?.responseTopic ?? '', 'this', { properties: { correlationData } });
  const [response] = requester.takes();
  assert.equal(response?.type, 'publish');
  assert.deepEqual([response.topic, `${response.payload}`], ['calls/answers', 'this']);
  assert.deepEqual(response.properties, { correlationData: Buffer.from('7') });
  assert.deepEqual(responder.look(), [], 'nobody got a message of its own');
});

test('messages cross between all versions, with the lower of the two QoS', async () => {
  for (const [from, to] of [[3, 5] as const, [5, 3] as const, [4, 4] as const]) {
    const { hub, join } = meeting();
    const publisher = join('publisher', from);
    const subscriber = join('subscriber', to);
    await subscribes(hub, subscriber, 'a/+', { qos: 1 });
    for (const qos of [0, 1, 2] as const) publisher.publishes('a/b', 'x', { qos, packetId: qos });
    assert.deepEqual(
      subscriber.takes().map((packet) => packet.type === 'publish' && [packet.topic, packet.qos]),
      [
        ['a/b', 0],
        ['a/b', 1],
        ['a/b', 1],
      ],
    );
  }
});

test('a topic that begins with $ is not found by a filter that begins with a wildcard (§4.7.2)', async () => {
  for (const version of [4, 5] as const) {
    const { hub, join } = meeting();
    const curious = join('curious', version);
    for (const filter of ['#', '+/b', '+/#']) await subscribes(hub, curious, filter);
    const informed = join('informed', version);
    await subscribes(hub, informed, '$a/#');
    const publisher = join('publisher', version);
    publisher.publishes('$a/b', 'x', { retain: true });
    assert.deepEqual(curious.look(), []);
    assert.deepEqual(await subscribes(hub, curious, '+/b'), [], 'nor a retained one');
    assert.deepEqual(informed.messages(), ['$a/b=x']);
  }
});

test('retained: the last one published so is kept, another is not, an empty one clears (§3.3.1.3)', async () => {
  const { hub, join } = meeting();
  const publisher = join('publisher', 5);
  const kept = async () => {
    const late = join('late', 5);
    return subscribes(hub, late, 'a');
  };
  publisher.publishes('a', '1', { retain: true });
  publisher.publishes('a', '22', { retain: true });
  publisher.publishes('a', '333');
  assert.deepEqual(await kept(), ['PUBLISH Q0 D0 R1 id=0 topic=a payload=2 bytes']);
  publisher.publishes('a', '', { retain: true });
  assert.deepEqual(await kept(), []);
});

test('subscribing again changes how messages come, retained ones included (§3.8.4)', async () => {
  const { hub, join } = meeting();
  const client = join('c', 5);
  client.publishes('a', 'kept', { qos: 2, packetId: 1, retain: true });
  client.look();
  const first = await subscribes(hub, client, 'a', { qos: 2, retainAsPublished: true });
  assert.deepEqual(first, ['PUBLISH Q2 D0 R1 id=1 topic=a payload=4 bytes']);
  const second = await subscribes(hub, client, 'a', { qos: 1 });
  assert.deepEqual(second, ['PUBLISH Q1 D0 R1 id=2 topic=a payload=4 bytes']);
  join('publisher', 5).publishes('a', 'new', { qos: 2, retain: true });
  assert.deepEqual(client.look(), ['PUBLISH Q1 D0 R0 id=3 topic=a payload=3 bytes']);
});

test('a retained will is seen as retained by those who ask for it or come later', async () => {
  const { hub, join } = meeting();
  const plain = join('plain', 4);
  await subscribes(hub, plain, 'gone');
  const exact = join('exact', 5);
  await subscribes(hub, exact, 'gone', { retainAsPublished: true });
  lose(join('c', 4, { will: { topic: 'gone', payload: Buffer.from('c'), qos: 1, retain: true } }));
  assert.deepEqual(plain.look(), ['PUBLISH Q1 D0 R0 id=1 topic=gone payload=1 bytes']);
  assert.deepEqual(exact.look(), ['PUBLISH Q1 D0 R1 id=1 topic=gone payload=1 bytes']);
  const late = await subscribes(hub, join('late', 4), 'gone');
  assert.deepEqual(late, ['PUBLISH Q1 D0 R1 id=1 topic=gone payload=1 bytes']);
});

test('a client whose identifier comes again is told, leaves its will, and nothing else (§3.1.4)', async () => {
  const { hub, join } = meeting();
  const watcher = join('watcher', 5);
  await subscribes(hub, watcher, 'gone');
  const will = { topic: 'gone', payload: Buffer.from('c'), qos: 0, retain: false } as const;
  const first = join('c', 5, { will });
  await subscribes(hub, first, 'a');
  const second = join('c', 5);
  assert.deepEqual(first.look(), ['DISCONNECT 0x8e (Session taken over)']);
  assert.equal(first.closed, 'taken_over');
  assert.deepEqual(watcher.messages(), ['gone=c']);
  watcher.publishes('a', 'x');
  assert.deepEqual(second.look(), [], 'it started clean');
});

test('the delay of a will is that of the client that was lost, not of the one that comes back', async () => {
  const { hub, join } = meeting();
  const watcher = join('watcher', 5);
  await subscribes(hub, watcher, 'gone');
  const lasting = (willDelayInterval: number): Partial<ConnectPacket> => ({
    cleanStart: false,
    properties: { sessionExpiryInterval: 60 },
    will: {
      topic: 'gone',
      payload: Buffer.from(`${willDelayInterval}`),
      qos: 0,
      retain: false,
      properties: { willDelayInterval },
    },
  });
  lose(join('c', 5, lasting(10)));
  hub.clock.advance(9000);
  lose(join('c', 5, lasting(20)));
  hub.clock.advance(11_000);
  assert.deepEqual(watcher.look(), []);
  hub.clock.advance(9010);
  assert.deepEqual(watcher.messages(), ['gone=20']);
});

test('topic aliases end with the connection, subscriptions with the session (§3.3.2.3.4)', async () => {
  const { hub, join } = meeting();
  const fields = { cleanStart: false, properties: { sessionExpiryInterval: 60, topicAliasMaximum: 5 } };
  const first = join('c', 5, fields);
  await subscribes(hub, first, 'some/topic', { qos: 0 });
  const aliased = { properties: { topicAlias: 1 } };
  first.publishes('some/topic', '1', aliased);
  first.publishes('', '2', aliased);
  assert.deepEqual(
    first.takes().map((packet) => packet.type === 'publish' && [packet.topic, `${packet.payload}`]),
    [
      ['some/topic', '1'],
      ['', '2'],
    ],
  );
  lose(first);
  const second = join('c', 5, fields);
  second.publishes('some/topic', '3');
  assert.deepEqual(second.messages(), ['some/topic=3'], 'in full again');
  second.publishes('', '4', aliased);
  assert.match(second.look()[0] ?? '', /^DISCONNECT 0x82/);
});

test('what was under way when a client unsubscribes is brought to its end (MQTT-3.10.4-3)', async () => {
  const { hub, join, comeBack } = meeting();
  const client = join('c', 4, { cleanStart: false });
  await subscribes(hub, client, 'a');
  const publisher = join('publisher', 4);
  publisher.publishes('a', '1', { qos: 1, packetId: 1 });
  publisher.publishes('a', '2', { qos: 2, packetId: 2 });
  client.look();
  client.sends({ type: 'unsubscribe', packetId: 8, filters: ['a'] });
  publisher.publishes('a', '3', { qos: 1, packetId: 3 });
  assert.deepEqual(client.look(), ['UNSUBACK id=8']);
  lose(client);
  assert.deepEqual(comeBack('c', 4, { cleanStart: false }), [
    'PUBLISH Q1 D1 R0 id=1 topic=a payload=1 bytes',
    'PUBLISH Q2 D1 R0 id=2 topic=a payload=1 bytes',
  ]);
});

for (const qos of [1, 2] as const satisfies readonly QoS[]) {
  const fields: Partial<Publish> = { qos, packetId: 1 };
  const lasting = { cleanStart: false, properties: { sessionExpiryInterval: 60 } };

  test(`a QoS ${qos} message waits for the member of a shared subscription that it was sent to`, async () => {
    const { hub, join, comeBack } = meeting();
    const member = join('member', 5, lasting);
    await subscribes(hub, member, '$share/g/a');
    const publisher = join('publisher', 5);
    publisher.publishes('a', 'x', fields);
    lose(member);
    const other = join('other', 5);
    await subscribes(hub, other, '$share/g/a');
    assert.deepEqual(other.look(), []);
    const again = comeBack('member', 5, lasting);
    assert.deepEqual(again, [`PUBLISH Q${qos} D1 R0 id=1 topic=a payload=1 bytes`]);
  });
}

test('a member that refuses a message has ended it: nobody else gets it (MQTT-4.8.2-6)', async () => {
  for (const qos of [1, 2] as const) {
    const { hub, join } = meeting();
    const member = join('member', 5);
    await subscribes(hub, member, '$share/g/a');
    join('publisher', 5).publishes('a', 'x', { qos, packetId: 1 });
    const other = join('other', 5);
    await subscribes(hub, other, '$share/g/a');
    member.sends({ type: qos === 1 ? 'puback' : 'pubrec', packetId: 1, reasonCode: 0x83 });
    member.sends({ type: 'disconnect', reasonCode: 0 });
    assert.deepEqual(other.look(), []);
    assert.equal(hub.metrics.get('delivery.dropped'), 0);
  }
});

test('a client with a shared and an ordinary subscription gets a message for each (§4.8.2)', async () => {
  const { hub, join } = meeting();
  const client = join('c', 5);
  await subscribes(hub, client, 'a', { qos: 0 });
  await subscribes(hub, client, '$share/g/a', { qos: 0 });
  const publisher = join('publisher', 5);
  publisher.publishes('a', 'x');
  assert.deepEqual(client.messages(), ['a=x', 'a=x']);
  client.sends({ type: 'unsubscribe', packetId: 8, filters: ['$share/g/a'] });
  client.look();
  publisher.publishes('a', 'y');
  assert.deepEqual(client.messages(), ['a=y']);
});

test('a shared subscription asked for twice is left at once, and has the QoS of the second time', async () => {
  const { hub, join } = meeting();
  const client = join('c', 5);
  await subscribes(hub, client, '$share/g/a', { qos: 2 });
  await subscribes(hub, client, '$share/g/a', { qos: 1 });
  const publisher = join('publisher', 5);
  publisher.publishes('a', 'x', { qos: 2, packetId: 1 });
  assert.deepEqual(client.look(), ['PUBLISH Q1 D0 R0 id=1 topic=a payload=1 bytes']);
  client.sends({ type: 'unsubscribe', packetId: 8, filters: ['$share/g/a'] });
  client.look();
  publisher.publishes('a', 'y');
  assert.deepEqual(client.look(), []);
});

test('a shared subscription gets no retained messages when it begins (§4.8.2)', async () => {
  const { hub, join } = meeting();
  join('publisher', 5).publishes('a', 'x', { retain: true });
  assert.deepEqual(await subscribes(hub, join('c', 5), '$share/g/a'), []);
});
