import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestStore } from '@portico/core/testing';
import { TestApi } from '../testing/index.js';

const publish = (api: TestApi, body: unknown) => api.ask('POST', '/mqtt/publish', body);

test('a message reaches subscribers with QoS, properties and who it is from', async () => {
  const api = await TestApi.start();
  const app = api.hub.client('app');
  app.subscribe('a/b', { qos: 2 });
  const { status, body } = await publish(api, {
    topic: 'a/b',
    clientid: 'backend',
    payload: 'Größe',
    qos: 1,
    user_properties: { id: 10010, kind: 'x', on: true },
  });
  assert.deepEqual([status, body], [200, { code: 0 }]);
  const [received] = app.received;
  assert.deepEqual([received?.topic, received?.payload, received?.qos], ['a/b', 'Größe', 1]);
  const { from, properties } = received?.message ?? {};
  assert.deepEqual(properties?.userProperties, [
    ['id', '10010'],
    ['kind', 'x'],
    ['on', 'true'],
  ]);
  assert.deepEqual(
    [from?.clientId, from?.username, from?.protocol, from?.peer.host],
    ['backend', 'admin', 'HTTP', '127.0.0.1'],
  );
  assert.equal(api.hub.metrics.get('messages.publish'), 1);
});

test('several topics, Base64, and what is retained', async () => {
  const api = await TestApi.start();
  const payload = Buffer.from([0, 255, 10]).toString('base64');
  const topics = 'r/1,r/2';
  const publication = { topic: 'r/0', topics, clientid: 'c', payload, encoding: 'base64', retain: true };
  assert.equal((await publish(api, publication)).status, 200);
  const app = api.hub.client('app');
  app.subscribe('r/#');
  await api.hub.nextTurn();
  assert.deepEqual(
    app.received.map(({ topic, message }) => `${topic}=${message.payload.toString('hex')}`),
    ['r/0=00ff0a', 'r/1=00ff0a', 'r/2=00ff0a'],
  );
});

test('nobody need be subscribed, and the body need not say that it is JSON', async () => {
  const api = await TestApi.start();
  const body = '{"topic":"t","clientid":"c","payload":""}';
  assert.deepEqual((await publish(api, body)).body, { code: 0 });
});

const MANY = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`${index}`, index]));
const GOOD = { topic: 't', clientid: 'c', payload: 'p' };

for (const [what, body, status, code] of [
  ['no topic', { clientid: 'c', payload: 'p' }, 400, 107],
  ['no clientid', { topic: 't', payload: 'p' }, 400, 107],
  ['no payload', { topic: 't', clientid: 'c' }, 400, 107],
  ['no body', undefined, 400, 107],
  ['a wildcard', { ...GOOD, topic: 'a/#' }, 400, 115],
  ['one wildcard among several', { ...GOOD, topics: 'a,b/+' }, 400, 115],
  ['an empty topic', { ...GOOD, topic: '' }, 400, 115],
  ['QoS 3', { ...GOOD, qos: 3 }, 400, 108],
  ['QoS as text', { ...GOOD, qos: '1' }, 400, 108],
  ['an encoding that there is not', { ...GOOD, encoding: 'hex' }, 400, 108],
  ['what is no Base64', { ...GOOD, encoding: 'base64', payload: '***' }, 400, 108],
  ['more topics than 1000', { ...GOOD, topics: `a${',a'.repeat(1000)}` }, 400, 108],
  ['a User Property with U+0000', { ...GOOD, user_properties: { a: 'b\0' } }, 400, 108],
  ['a User Property of 65536 bytes', { ...GOOD, user_properties: { a: 'x'.repeat(65_536) } }, 400, 108],
  ['a User Property that is a list', { ...GOOD, user_properties: { a: [] } }, 400, 108],
  ['more than 1000 User Properties', { ...GOOD, user_properties: MANY }, 400, 108],
  ['a list', [GOOD], 400, 108],
  ['half a JSON text', '{"topic":', 400, 109],
  ['too large a body', { ...GOOD, payload: 'x'.repeat(2_000_000) }, 413, 108],
] as const) {
  test(`publishing with ${what} gives ${status} and code ${code}, and publishes nothing`, async () => {
    const api = await TestApi.start();
    const result = await publish(api, body);
    assert.deepEqual([result.status, result.body.code], [status, code], result.body.message);
    assert.equal(api.hub.metrics.get('messages.publish'), 0);
  });
}

test('a batch tells what became of each', async () => {
  const api = await TestApi.start();
  const app = api.hub.client('app');
  app.subscribe('#');
  const batch = [GOOD, { ...GOOD, topic: 'a/+' }, { ...GOOD, topic: undefined, topics: 'x,y' }, 7];
  const { status, body } = await api.ask('POST', '/mqtt/publish_batch', batch);
  assert.equal(status, 200);
  assert.deepEqual(
    body.data.map(({ topic, code }: { topic?: string; code: number }) => [topic, code]),
    [
      ['t', 0],
      ['a/+', 115],
      ['x,y', 0],
      [undefined, 108],
    ],
  );
  assert.deepEqual(app.take(), ['t=p', 'x=p', 'y=p']);
});

test('a batch that is no list, or has more than 10,000, gives 400', async () => {
  const api = await TestApi.start();
  for (const batch of [GOOD, Array.from({ length: 10_001 }, () => 1)]) {
    const { status, body } = await api.ask('POST', '/mqtt/publish_batch', batch);
    assert.deepEqual([status, body.code], [400, 108]);
  }
});

const KEPT = { ...GOOD, qos: 1, retain: true };

test('what cannot be kept is refused with 503', async () => {
  const store = new TestStore();
  const api = await TestApi.start({}, { store });
  store.full = true;
  const { status, body } = await publish(api, KEPT);
  assert.deepEqual([status, body.code], [503, 102]);
  assert.equal((await publish(api, GOOD)).status, 200, 'what need not be kept goes on');
});

test('what has to be kept is answered when it is durable', async () => {
  const store = new TestStore();
  const api = await TestApi.start({}, { store });
  store.held = true;
  let answered = false;
  const answer = publish(api, KEPT).then((result) => {
    answered = true;
    return result;
  });
  while (api.hub.metrics.get('messages.retained') === 0) await api.hub.nextTurn();
  assert.equal((await api.get('/brokers')).status, 200, 'time enough for an answer');
  assert.equal(answered, false);
  store.settle();
  assert.equal((await answer).status, 200);
});

test('that a message is not retained though it was to be is told, of each topic', async () => {
  const api = await TestApi.start({}, { broker: { retained: { max_retained_messages: 1 } } });
  const publication = { clientid: 'x', payload: '1', retain: true };
  const { body } = await api.ask('POST', '/mqtt/publish', { topics: 'a,b', ...publication });
  const warning = 'b: sent, but not retained: broker.retained has no room for it';
  assert.deepEqual(body, { warnings: [warning], code: 0 });
  const batch = await api.ask('POST', '/mqtt/publish_batch', [
    { topic: 'a', ...publication },
    { topic: 'b', ...publication },
    { topic: 'b', ...publication, payload: '' },
  ]);
  assert.deepEqual(batch.body.data, [
    { topic: 'a', code: 0 },
    { topic: 'b', code: 0, warnings: [warning] },
    { topic: 'b', code: 0 },
  ]);
});
