import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SubscriptionRequest } from '@portico/codec-mqtt';
import { TestHub } from '@portico/core/testing';
import { connected, startGateway } from './testing.js';

function asking(filter: string, fields: Partial<SubscriptionRequest> = {}): SubscriptionRequest {
  return { filter, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0, ...fields };
}

test('each filter gets its own answer, in order', () => {
  const subscriptions = [asking('a', { qos: 0 }), asking('b'), asking('a/#/b'), asking('c', { qos: 2 })];
  const answers = ([3, 4, 5] as const).map((version) => {
    const hub = new TestHub();
    const client = connected(hub, version);
    client.sends({ type: 'subscribe', packetId: 7, subscriptions });
    assert.equal(hub.metrics.get('packets.subscribe.error'), 1);
    return client.takes();
  });
  const suback = (codes: number[], reasonString?: string) => [
    { type: 'suback', packetId: 7, reasonCodes: codes, properties: reasonString && { reasonString } },
  ];
  const explained = suback([0, 1, 0x8f, 2], 'filter 3: ill-formed or of too many levels');
  assert.deepEqual(answers, [suback([0, 1, 0x80, 2]), suback([0, 1, 0x80, 2]), explained]);
});

test('what may not be subscribed to is refused', () => {
  for (const version of [4, 5] as const) {
    const hub = new TestHub();
    hub.authorize('subscribe', 'deny');
    const client = connected(hub, version);
    client.subscribes('a');
    const code = version === 5 ? '0x87 (Not authorized)' : '0x80 (Unspecified error)';
    assert.deepEqual(client.look(), [`SUBACK id=7 ${code}`]);
    assert.equal(hub.metrics.get('packets.subscribe.auth_error'), 1);
    assert.equal(hub.metrics.get('packets.subscribe.error'), 0);
  }
});

test('a client need not be told that access control refused its subscription', () => {
  const answers = ([4, 5] as const).map((version) => {
    const hub = new TestHub();
    hub.authorize('subscribe', 'deny');
    const client = connected(hub, version, {}, startGateway(hub, { denied_subscribe: 'unspecified' }));
    client.subscribes('a');
    assert.equal(hub.metrics.get('packets.subscribe.auth_error'), 1);
    return client.look();
  });
  const refused = ['SUBACK id=7 0x80 (Unspecified error)'];
  assert.deepEqual(answers, [refused, refused]);
});

test('what is not supported is refused with the reason', () => {
  const config = { wildcard_subscription: false, shared_subscription: false, max_subscriptions: 1 };
  const hub = new TestHub();
  const client = connected(hub, 5, {}, startGateway(hub, { ...config, max_qos_allowed: 1 }));
  const subscriptions = ['+', '$share/g/a', 'a', 'b'].map((filter) => asking(filter, { qos: 2 }));
  client.sends({ type: 'subscribe', packetId: 7, subscriptions });
  const [suback] = client.takes();
  assert.equal(suback?.type, 'suback');
  assert.deepEqual(suback.reasonCodes, [0xa2, 0x9e, 1, 0x97]);
});

test('a client has at most 1,000 subscriptions unless the configuration says otherwise', () => {
  const filters = Array.from({ length: 1001 }, (_, i) => `t/${i}`);
  const codes = (config: Record<string, unknown>) => {
    const hub = new TestHub();
    const client = connected(hub, 5, {}, startGateway(hub, config));
    const subscriptions = [...filters, 't/0'].map((filter) => asking(filter));
    client.sends({ type: 'subscribe', packetId: 7, subscriptions });
    const [suback] = client.takes();
    assert.equal(suback?.type, 'suback');
    return suback.reasonCodes;
  };
  const granted = filters.map(() => 1);
  assert.deepEqual(codes({}), [...granted.slice(1), 0x97, 1]);
  assert.deepEqual(codes({ max_subscriptions: 0 }), [...granted, 1]);
});

test('access control may take its time with every filter', async () => {
  const hub = new TestHub();
  hub.authorize('subscribe', Promise.resolve('allow'));
  const client = connected(hub, 5);
  const subscribing = client.sends({
    type: 'subscribe',
    packetId: 7,
    subscriptions: [asking('a'), asking('b')],
  });
  assert.deepEqual(client.look(), []);
  await subscribing;
  assert.deepEqual(client.look(), ['SUBACK id=7 0x01 (Granted QoS 1) 0x01 (Granted QoS 1)']);
});

test('where access control disconnects, the client gets no SUBACK', () => {
  const hub = new TestHub({ policy: { denyAction: 'disconnect' } });
  hub.authorize('subscribe', 'deny');
  const client = connected(hub, 5);
  client.subscribes('a');
  assert.deepEqual(client.look(), ['DISCONNECT 0x87 (Not authorized)']);
});

test('retained messages come after the SUBACK, as the retain handling asks', async () => {
  const hub = new TestHub();
  hub.client('application').publish('a', 'kept', 0, true);
  const client = connected(hub, 5);
  const look = async (retainHandling: 0 | 1 | 2) => {
    client.sends({
      type: 'subscribe',
      packetId: 7,
      subscriptions: [asking('a', { retainHandling, qos: 0 })],
    });
    await hub.nextTurn();
    return client.look().slice(1);
  };
  const message = ['PUBLISH Q0 D0 R1 id=0 topic=a payload=4 bytes'];
  assert.deepEqual([await look(1), await look(1), await look(2), await look(0)], [message, [], [], message]);
});

test('the retain flag is passed on where retain as published asks for it', () => {
  const hub = new TestHub();
  const client = connected(hub, 5);
  const subscriptions = [asking('a', { retainAsPublished: true }), asking('b')];
  client.sends({ type: 'subscribe', packetId: 7, subscriptions });
  client.look();
  const app = hub.client('application');
  app.publish('a', 'x', 0, true);
  app.publish('b', 'x', 0, true);
  assert.deepEqual(client.look(), [
    'PUBLISH Q0 D0 R1 id=0 topic=a payload=1 bytes',
    'PUBLISH Q0 D0 R0 id=0 topic=b payload=1 bytes',
  ]);
});

test('the members of a shared subscription share its messages', () => {
  const hub = new TestHub();
  const gateway = startGateway(hub);
  const members = ['m1', 'm2'].map((clientId) => connected(hub, 5, { clientId }, gateway));
  for (const member of members) {
    member.subscribes('$share/g/a');
    assert.deepEqual(member.look(), ['SUBACK id=7 0x00 (Granted QoS 0)']);
  }
  const app = hub.client('application');
  for (let i = 0; i < 10; i++) app.publish('a', `${i}`);
  const received = members.flatMap((member) => member.messages());
  assert.equal(new Set(received).size, 10);
  assert.equal(received.length, 10);
});

test('UNSUBSCRIBE has an answer for each filter with MQTT 5', () => {
  for (const version of [4, 5] as const) {
    const hub = new TestHub();
    const app = hub.client('application');
    const client = connected(hub, version);
    client.subscribes('a');
    client.look();
    client.sends({ type: 'unsubscribe', packetId: 8, filters: ['a', 'b', 'a/#/b'] });
    const codes =
      version === 5
        ? ' 0x00 (Success) 0x11 (No subscription existed) 0x8f (Topic Filter invalid) reasonString=filter 3: ill-formed or of too many levels'
        : '';
    assert.deepEqual(client.look(), [`UNSUBACK id=8${codes}`]);
    app.publish('a', 'x');
    assert.deepEqual(client.look(), []);
    assert.equal(hub.metrics.get('packets.unsubscribe.error'), 1);
  }
});

test('an empty filter is refused, and in strict mode ends the connection', () => {
  const end = (strict_mode: boolean, type: 'subscribe' | 'unsubscribe') => {
    const hub = new TestHub();
    const client = connected(hub, 5, {}, startGateway(hub, { strict_mode }));
    if (type === 'subscribe') client.subscribes('');
    else client.sends({ type, packetId: 8, filters: ['a', ''] });
    return client.look();
  };
  const goodbye = [
    'DISCONNECT 0x81 (Malformed Packet) reasonString=a topic filter has at least one character',
  ];
  assert.deepEqual(end(false, 'subscribe'), [
    'SUBACK id=7 0x8f (Topic Filter invalid) reasonString=filter 1: ill-formed or of too many levels',
  ]);
  assert.deepEqual(end(true, 'subscribe'), goodbye);
  assert.deepEqual(end(true, 'unsubscribe'), goodbye);
});

test('ill-formed UTF-8 is repaired, and in strict mode ends the connection', () => {
  const publish = (strict_mode: boolean) => {
    const hub = new TestHub();
    const app = hub.client('application');
    app.subscribe('#');
    const client = connected(hub, 4, {}, startGateway(hub, { strict_mode }));
    client.sendsBytes(Buffer.from('30050002c36178', 'hex'));
    return [...app.take(), client.closed];
  };
  assert.deepEqual(publish(false), ['\ufffda=x', undefined]);
  assert.deepEqual(publish(true), ['malformed_packet']);
});
