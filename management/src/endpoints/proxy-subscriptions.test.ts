import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestStore } from '@portico/core/testing';
import { TestApi } from '../testing/index.js';

const subscribe = (api: TestApi, body: unknown) => api.ask('POST', '/mqtt/subscribe', body);
const unsubscribe = (api: TestApi, body: unknown) => api.ask('POST', '/mqtt/unsubscribe', body);

test('a client is subscribed and unsubscribed without its doing', async () => {
  const api = await TestApi.start();
  const device = api.hub.client('device');
  const { status, body } = await subscribe(api, { clientid: 'device', topic: 'a/+', qos: 1 });
  assert.deepEqual([status, body], [200, { code: 0 }]);
  const line = api.lines.at(-1);
  assert.deepEqual(
    [line?.action, line?.clientid, line?.topic, line?.qos],
    ['mqtt_subscribe', 'device', 'a/+', 1],
  );
  const sender = api.hub.client('sender');
  sender.publish('a/b', '1', 1);
  assert.deepEqual(device.take(), ['a/b=1']);
  assert.equal((await unsubscribe(api, { clientid: 'device', topic: 'a/+' })).status, 200);
  sender.publish('a/b', '2');
  assert.deepEqual(device.take(), []);
});

test('several topics at once, with commas between them', async () => {
  const api = await TestApi.start();
  const device = api.hub.client('device');
  await subscribe(api, { clientid: 'device', topic: 'a', topics: 'b,$share/g/c' });
  assert.deepEqual(device.session.filters, ['a', 'b', '$share/g/c']);
});

for (const [body, status, code] of [
  [{ topic: 'a' }, 400, 107],
  [{ clientid: 'device' }, 400, 107],
  [{ clientid: 'device', topic: 'a', qos: 3 }, 400, 108],
  [{ clientid: 'device', topic: 'a', qos: '1' }, 400, 108],
  [{ clientid: 'device', topic: 'a/#/b' }, 400, 115],
  [{ clientid: 'device', topic: '$share/a' }, 400, 115],
  [{ clientid: 'nobody', topic: 'a' }, 404, 112],
  [{ clientid: 'coap', topic: 'a' }, 400, 108],
  [{ clientid: 'device', topic: 'secret' }, 400, 108],
  ['[', 400, 109],
] as const) {
  test(`subscribing with ${JSON.stringify(body)} gives ${status} and code ${code}`, async () => {
    const api = await TestApi.start();
    api.hub.access.addAuthorizer({
      name: 'test',
      authorize: (_, __, topic) => (topic === 'secret' ? 'deny' : 'ignore'),
    });
    const device = api.hub.client('device');
    api.hub.client('coap').takesAnyTopic = false;
    const result = await subscribe(api, body);
    assert.deepEqual([result.status, result.body.code], [status, code], result.body.message);
    assert.deepEqual(device.session.filters, []);
  });
}

test('a subscription that could not be kept gives 503', async () => {
  const store = new TestStore();
  const api = await TestApi.start({}, { store });
  api.hub.client('device', { sessionExpiry: 60, cleanStart: false });
  store.full = true;
  const { status, body } = await subscribe(api, { clientid: 'device', topic: 'a' });
  assert.deepEqual([status, body.code], [503, 102]);
});

for (const [body, status, code] of [
  [{ topic: 'a' }, 400, 107],
  [{ clientid: 'device' }, 400, 107],
  [{ clientid: 'device', topic: '' }, 400, 115],
  [{ clientid: 'nobody', topic: 'a' }, 404, 112],
  [{ clientid: 'device', topic: 'never/subscribed' }, 200, 0],
] as const) {
  test(`unsubscribing with ${JSON.stringify(body)} gives ${status} and code ${code}`, async () => {
    const api = await TestApi.start();
    api.hub.client('device');
    const result = await unsubscribe(api, body);
    assert.deepEqual([result.status, result.body.code], [status, code], result.body.message);
  });
}

test('of a batch each item has its own result', async () => {
  const api = await TestApi.start();
  const device = api.hub.client('device');
  const { status, body } = await api.ask('POST', '/mqtt/subscribe_batch', [
    { clientid: 'device', topic: 'a' },
    { clientid: 'nobody', topic: 'b' },
    'nonsense',
    { clientid: 'device', topics: 'c,d', qos: 2 },
  ]);
  const codes = body.data.map(({ topic, code }: { topic?: string; code: number }) => [topic, code]);
  assert.deepEqual(
    [status, codes],
    [
      200,
      [
        ['a', 0],
        ['b', 112],
        [undefined, 108],
        ['c,d', 0],
      ],
    ],
  );
  assert.deepEqual(device.session.filters, ['a', 'c', 'd']);
  const ended = await api.ask('POST', '/mqtt/unsubscribe_batch', [
    { clientid: 'device', topic: 'a', qos: 1 },
    { clientid: 'device', topic: 'c' },
    { clientid: 'nobody', topic: 'c' },
  ]);
  assert.deepEqual(
    ended.body.data.map(({ code }: { code: number }) => code),
    [0, 0, 112],
  );
  assert.deepEqual(device.session.filters, ['d']);
});

test('a batch that is no list is refused', async () => {
  const api = await TestApi.start();
  for (const path of ['/mqtt/subscribe_batch', '/mqtt/unsubscribe_batch']) {
    const { status, body } = await api.ask('POST', path, {});
    assert.deepEqual([status, body.code], [400, 108], path);
  }
});

test('a QoS that the client is not given is told', async () => {
  const api = await TestApi.start();
  api.hub.client('c', { options: { maxQos: 1 } });
  const { body } = await api.ask('POST', '/mqtt/subscribe', { topic: 'a', clientid: 'c', qos: 2 });
  assert.deepEqual(body, { warnings: ['a: subscribed with QoS 1'], code: 0 });
});
