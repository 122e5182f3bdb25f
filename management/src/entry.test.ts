import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryStore } from '@portico/core';
import { localAccessFile, readLocalAccess } from './local-access.js';
import { basic, TestApi, temporaryFolder } from './testing/index.js';

const clients = (api: TestApi, authorization?: string) =>
  api.fetch('/api/v4/clients', authorization === undefined ? {} : { headers: { authorization } });

async function refusal(response: Response) {
  return { status: response.status, code: ((await response.json()) as { code: number }).code };
}

test('an application with its secret is let in', async () => {
  const api = await TestApi.start();
  assert.equal((await clients(api, basic('admin', 'open sesame'))).status, 200);
  assert.deepEqual(api.announced, []);
});

test('who shows nothing, or not all, is told with 401 and code 104', async () => {
  const api = await TestApi.start();
  for (const shown of [
    undefined,
    'Bearer abc',
    'Basic ???',
    basic('admin', ''),
    basic('', 'x'),
    'Basic YWRtaW4=',
  ]) {
    const response = await clients(api, shown);
    assert.equal(response.headers.get('www-authenticate'), 'Basic realm="Portico"');
    assert.deepEqual(await refusal(response), { status: 401, code: 104 }, shown);
  }
});

test('a wrong secret, or an application that there is not, gives 401 and code 103, and a line in the log', async () => {
  const api = await TestApi.start();
  for (const shown of [basic('admin', 'guess'), basic('nobody', 'open sesame')]) {
    assert.deepEqual(await refusal(await clients(api, shown)), { status: 401, code: 103 });
  }
  const told = api.lines.map(({ message, app }) => ({ message, app }));
  assert.deepEqual(told, [
    { message: 'management request refused: wrong secret', app: 'admin' },
    { message: 'management request refused: no such application', app: 'nobody' },
  ]);
});

test('paths that there are not are not told to strangers', async () => {
  const api = await TestApi.start();
  assert.deepEqual(await refusal(await api.fetch('/api/v4/nothing')), { status: 401, code: 104 });
  const { status, body } = await api.get('/nothing');
  assert.deepEqual([status, body], [404, { code: 108, message: 'there is no such path' }]);
  assert.deepEqual(await refusal(await api.fetch('/nothing')), { status: 404, code: 108 });
});

test('a method that a path does not take gives 405, and those that it takes', async () => {
  const api = await TestApi.start();
  for (const [method, path, allowed] of [
    ['POST', '/clients', 'GET'],
    ['PATCH', '/apps/backend', 'GET, PUT, DELETE'],
    ['GET', '/listeners/mqtt:tcp:default', 'DELETE'],
  ] as const) {
    const { status, headers, body } = await api.ask(method, path);
    assert.deepEqual([status, headers.get('allow'), body.code], [405, allowed, 108]);
    assert.match(body.message ?? '', new RegExp(`takes ${allowed}$`));
  }
  const stranger = await api.fetch('/api/v4/clients', { method: 'POST' });
  assert.deepEqual(await refusal(stranger), { status: 401, code: 104 });
});

test('without a secret in the configuration one is made at the first start, shown once, and kept as a hash', async () => {
  const store = new MemoryStore();
  const config = { default_application: {} };
  const first = await TestApi.start(config, { store });
  const [line = '', ...more] = first.announced;
  assert.deepEqual(more, []);
  const secret = /^Management API: application admin has the secret (\S{32}) \(shown this once\)$/.exec(
    line,
  )?.[1];
  assert.ok(secret !== undefined, line);
  assert.equal((await clients(first, basic('admin', secret))).status, 200);
  const kept = (await store.get('applications', 'admin'))?.toString() ?? '';
  assert.match(kept, /"hash":"\$scrypt\$/);
  assert.ok(!kept.includes(secret));
  await first.stop();

  const second = await TestApi.start(config, { store });
  assert.deepEqual(second.announced, []);
  for (const _ of ['by its hash', 'recognized']) {
    assert.equal((await clients(second, basic('admin', secret))).status, 200);
    assert.deepEqual(await refusal(await clients(second, basic('admin', `${secret}x`))), {
      status: 401,
      code: 103,
    });
  }
});

test('a hash in the store that cannot be understood is replaced by that of a new secret', async () => {
  const store = new MemoryStore();
  for (const damaged of ['', '{', '7', '{"hash":"$scrypt$"}']) {
    store.put('applications', 'admin', Buffer.from(damaged));
    const api = await TestApi.start({ default_application: {} }, { store });
    assert.equal(api.announced.length, 1, damaged);
  }
});

test('a secret of the configuration stands above the one that was made', async () => {
  const store = new MemoryStore();
  await TestApi.start({ default_application: {} }, { store });
  const api = await TestApi.start({ default_application: { id: 'admin', secret: 'mine' } }, { store });
  assert.deepEqual(api.announced, []);
  assert.equal((await clients(api, basic('admin', 'mine'))).status, 200);
});

test('the command line finds a way in that only the user of the hub can read, as long as the hub runs', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const api = await TestApi.start({}, { dataDir });
  const access = await readLocalAccess(dataDir);
  assert.ok(access !== undefined);
  assert.equal(access.url, api.url);
  assert.equal((await clients(api, basic(access.id, access.secret))).status, 200);
  assert.equal((await stat(localAccessFile(dataDir))).mode & 0o777, 0o600);
  await api.stop();
  assert.equal(await readLocalAccess(dataDir), undefined);
});

test('a data directory that cannot be written to is told, and stops nothing', async () => {
  const dataDir = join(await temporaryFolder(), 'file');
  await writeFile(dataDir, '');
  const api = await TestApi.start({}, { dataDir });
  assert.equal((await api.get('/clients')).status, 200);
  assert.deepEqual(
    api.lines.map(({ message }) => message),
    [
      'the command line needs --url and --app: node.data_dir cannot be written to',
      'the list of traces cannot be read',
    ],
  );
});

test('more requests a second than max_request_rate are refused with 429, but for those for health', async () => {
  const api = await TestApi.start({ max_request_rate: 2 });
  assert.equal((await clients(api, basic('admin', 'guess'))).status, 401, 'is not counted');
  for (const expected of [200, 200, 429]) assert.equal((await api.get('/clients')).status, expected);
  assert.equal((await api.fetch('/healthz')).status, 200);
  api.hub.clock.advance(500);
  assert.equal((await api.get('/clients')).status, 200);
});

test('a hub that is starting or stopping answers health alone', async () => {
  const api = await TestApi.start();
  api.running = false;
  const { status, body } = await api.get('/clients');
  assert.deepEqual([status, body.code], [503, 102]);
  assert.equal((await api.fetch('/healthz')).status, 200);
  assert.equal((await api.fetch('/readyz')).status, 503);
  assert.equal((await api.fetch('/status')).status, 503);
  api.running = true;
  assert.deepEqual(await (await api.fetch('/readyz')).json(), { status: 'ready' });
  const told = await api.fetch('/status');
  assert.equal(told.status, 200);
  assert.equal(await told.text(), 'Node test@127.0.0.1 is started\nPortico is running\n');
});

test('a port that is taken is an error that names port and key', async () => {
  const api = await TestApi.start();
  await assert.rejects(TestApi.start({ bind: new URL(api.url).host }), {
    code: 'PORTICO_ERR_LISTEN',
    message: /management:http on 127\.0\.0\.1:\d+: the port is in use .*the key is management\.bind/,
  });
});
