import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NODE, TestApi, temporaryFolder } from '../testing/index.js';

/** A client that has been allowed to publish and then to subscribe. */
async function withDecisions(): Promise<TestApi> {
  const api = await TestApi.start();
  api.hub.authorize('publish', 'deny');
  const client = api.hub.client('c');
  client.publish('up', 'x');
  api.hub.clock.advance(5);
  client.subscribe('down');
  return api;
}

const listed = async (api: TestApi) => (await api.get('/clients/c/acl_cache')).body.data;

test('what a client has been allowed and denied is shown, the latest first', async () => {
  const api = await withDecisions();
  const now = api.hub.clock.now();
  assert.deepEqual(await listed(api), [
    { access: 'subscribe', topic: 'down', result: 'allow', updated_time: now },
    { access: 'publish', topic: 'up', result: 'deny', updated_time: now - 5 },
  ]);
});

for (const path of [
  '/clients/c/acl_cache',
  '/acl-cache',
  `/node/${NODE}/acl-cache`,
  `/nodes/${NODE}/acl-cache`,
]) {
  test(`DELETE ${path} forgets it`, async () => {
    const api = await withDecisions();
    const { status, body } = await api.ask('DELETE', path);
    assert.deepEqual([status, body], [200, { code: 0 }]);
    assert.deepEqual(await listed(api), []);
  });
}

test('a client that is not connected gives 404 and code 112, another node 404', async () => {
  const api = await TestApi.start();
  api.hub.client('away', { sessionExpiry: 60 }).session.close('normal');
  for (const [method, path, code] of [
    ['GET', '/clients/away/acl_cache', 112],
    ['DELETE', '/clients/nobody/acl_cache', 112],
    ['DELETE', '/node/elsewhere/acl-cache', 108],
  ] as const) {
    const { status, body } = await api.ask(method, path);
    assert.deepEqual([status, body.code], [404, code], path);
  }
});

test('where nothing is remembered the list is empty', async () => {
  const api = await TestApi.start({}, { policy: { cache: undefined } });
  api.hub.client('c');
  assert.deepEqual(await listed(api), []);
  assert.equal((await api.ask('DELETE', '/clients/c/acl_cache')).status, 200);
});

test('PUT /acl/reload reads the rules anew and forgets decisions; of a file that is not good it says what, and the old hold', async () => {
  const aclFile = join(await temporaryFolder(), 'acl.conf');
  const api = await TestApi.start({}, { aclFile });
  const client = api.hub.client('c');
  for (const [rules, code, result] of [
    ['{allow, all}.', 0, 'allow'],
    ['{deny, all}.', 0, 'deny'],
    ['{allow, nobody}.', 108, 'deny'],
  ] as const) {
    writeFileSync(aclFile, rules);
    const { body } = await api.ask('PUT', '/acl/reload');
    assert.equal(body.code, code, rules);
    assert.equal(body.message?.includes('acl.conf:1'), code === 0 ? undefined : true);
    client.publish('up', 'x');
    assert.equal((await listed(api))[0].result, result, rules);
  }
});
