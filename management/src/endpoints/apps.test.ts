import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestStore } from '@portico/core/testing';
import { basic, TestApi } from '../testing/index.js';

const ADMIN = { app_id: 'admin', name: '', desc: '', status: true, expired: 'undefined' };

const enters = async (api: TestApi, id: string, secret: string) =>
  (await api.fetch('/api/v4/brokers', { headers: { authorization: basic(id, secret) } })).status === 200;

/** Makes an application. @returns its id and secret */
async function made(api: TestApi, body: unknown): Promise<{ app_id: string; secret: string }> {
  const result = await api.ask('POST', '/apps', body);
  assert.equal(result.status, 200, result.body.message);
  return result.body.data;
}

test('an application is made with a secret that is shown once and kept as a hash', async () => {
  const store = new TestStore();
  const first = await TestApi.start({}, { store });
  const { app_id, secret } = await made(first, { app_id: 'backend', name: 'Backend', desc: 'of the shop' });
  assert.equal(app_id, 'backend');
  assert.match(secret, /^[\w-]{32}$/);
  const row = { ...ADMIN, app_id, name: 'Backend', desc: 'of the shop' };
  assert.deepEqual((await first.get('/apps')).body.data, [ADMIN, row]);
  assert.deepEqual((await first.get('/apps/backend')).body.data, row);
  assert.ok(!String(await store.get('applications', 'backend')).includes(secret));
  const line = first.lines.find(({ action }) => action === 'add_app');
  assert.deepEqual([line?.app_id, line?.secret], ['backend', undefined]);
  await first.stop();
  const second = await TestApi.start({}, { store });
  assert.equal(await enters(second, app_id, secret), true);
});

test('id and secret may be given or not', async () => {
  const api = await TestApi.start();
  assert.deepEqual(await made(api, { app_id: 'a.b-c_1', secret: 's' }), { app_id: 'a.b-c_1', secret: 's' });
  const { app_id, secret } = await made(api, {});
  assert.match(app_id, /^[0-9a-f]{12}$/);
  assert.equal(await enters(api, app_id, secret), true);
});

test('an application that is stopped, expired or deleted does not come in', async () => {
  const api = await TestApi.start();
  const { secret } = await made(api, { app_id: 'x' });
  assert.equal(await enters(api, 'x', secret), true);
  await api.ask('PUT', '/apps/x', { status: false });
  assert.equal(await enters(api, 'x', secret), false);
  const inAMinute = Math.floor(api.hub.clock.now() / 1000) + 60;
  await api.ask('PUT', '/apps/x', { status: true, expired: inAMinute, desc: 'd' });
  assert.equal(await enters(api, 'x', secret), true);
  api.hub.clock.advance(60_000);
  assert.equal(await enters(api, 'x', secret), false);
  await api.ask('PUT', '/apps/x', { expired: 'undefined' });
  assert.deepEqual((await api.get('/apps/x')).body.data, { ...ADMIN, app_id: 'x', desc: 'd' });
  assert.equal(await enters(api, 'x', secret), true);
  assert.deepEqual((await api.ask('DELETE', '/apps/x')).body, { code: 0 });
  assert.equal(await enters(api, 'x', secret), false);
  assert.deepEqual((await api.get('/apps')).body.data, [ADMIN]);
});

test('the log tells why an application is refused, the answer does not', async () => {
  const api = await TestApi.start();
  const { secret } = await made(api, { app_id: 'x', expired: Math.floor(api.hub.clock.now() / 1000) + 60 });
  const refusal = async () => {
    const response = await api.fetch('/api/v4/brokers', { headers: { authorization: basic('x', secret) } });
    const { message } = (await response.json()) as { readonly message: string };
    return [response.status, message, api.lines.at(-1)?.message];
  };
  const told = 'wrong application id or secret';
  await api.ask('PUT', '/apps/x', { status: false });
  const refused = 'management request refused: the application';
  assert.deepEqual(await refusal(), [401, told, `${refused} is stopped`]);
  await api.ask('PUT', '/apps/x', { status: true });
  api.hub.clock.advance(60_000);
  assert.deepEqual(await refusal(), [401, told, `${refused} has expired`]);
});

for (const [method, path, body, status, code] of [
  ['POST', '/apps', { app_id: 'n', expired: 5 }, 400, 108],
  ['POST', '/apps', { app_id: 'n', foo: 1 }, 400, 108],
  ['POST', '/apps', { app_id: 'a/b' }, 400, 108],
  ['POST', '/apps', { app_id: 'admin' }, 400, 113],
  ['POST', '/apps', { app_id: '$cli' }, 400, 108],
  ['POST', '/apps', { app_id: 'n', secret: '' }, 400, 108],
  ['POST', '/apps', { app_id: 'n', expired: 'soon' }, 400, 108],
  ['GET', '/apps/nobody', undefined, 404, 108],
  ['GET', '/apps/$cli', undefined, 404, 108],
  ['PUT', '/apps/nobody', { status: false }, 404, 108],
  ['PUT', '/apps/admin', { secret: 'new' }, 400, 108],
  ['PUT', '/apps/admin', { status: false }, 400, 108],
  ['DELETE', '/apps/nobody', undefined, 404, 108],
  ['DELETE', '/apps/admin', undefined, 400, 108],
  ['DELETE', '/apps/$cli', undefined, 404, 108],
] as const) {
  test(`${method} ${path} with ${JSON.stringify(body)} gives ${status} and code ${code}`, async () => {
    const api = await TestApi.start();
    const result = await api.ask(method, path, body);
    assert.deepEqual([result.status, result.body.code], [status, code], result.body.message);
    assert.deepEqual((await api.get('/apps')).body.data, [ADMIN]);
  });
}
