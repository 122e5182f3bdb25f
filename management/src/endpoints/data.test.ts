import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { basic, TestApi } from '../testing/index.js';

/** A hub that has been told something, and its export. */
async function exported() {
  const api = await TestApi.start();
  await api.ask('POST', '/banned', { who: 'bad', as: 'clientid', until: 'infinity', reason: 'noise' });
  await api.ask('POST', '/apps', { app_id: 'backend', secret: 'quiet please', name: 'Backend' });
  const { status, body } = await api.ask('POST', '/data/export');
  assert.equal(status, 200, body.message);
  return { api, file: body.data as { filename: string; created_at: string; size: number } };
}

test('an export is a file that is listed, shown and deleted, for the user of the hub alone', async () => {
  const { api, file } = await exported();
  assert.match(file.filename, /^portico-export-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.json$/);
  assert.match(file.created_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const { mode, size } = await stat(join(api.dataDir, 'exports', file.filename));
  assert.deepEqual([mode & 0o777, size], [0o600, file.size]);
  assert.deepEqual((await api.get('/data/export')).body.data, [file]);
  const shown = (await api.get(`/data/file/${file.filename}`)).body as unknown as {
    filename: string;
    file: { version: string; blacklist: { who: string }[]; apps: { id: string; secret: string }[] };
  };
  assert.equal(shown.filename, file.filename);
  assert.equal(shown.file.version, '1.2.3');
  assert.equal(shown.file.blacklist[0]?.who, 'bad');
  assert.match(shown.file.apps[0]?.secret ?? '', /^\$scrypt\$/);
  assert.equal((await api.ask('DELETE', `/data/file/${file.filename}`)).status, 200);
  assert.deepEqual((await api.get('/data/export')).body.data, []);
});

test('another hub takes it in: from a file that is sent to it, as text or object, or at once', async () => {
  const { api: first, file } = await exported();
  const { file: document } = (await first.get(`/data/file/${file.filename}`)).body as unknown as {
    file: object;
  };
  for (const sent of [JSON.stringify(document), document]) {
    const second = await TestApi.start();
    assert.equal((await second.ask('POST', '/data/file', { filename: 'in.json', file: sent })).status, 200);
    assert.deepEqual((await second.ask('POST', '/data/import', { filename: 'in.json' })).body, { code: 0 });
    await demandTakenIn(second);
  }
  const third = await TestApi.start();
  assert.equal((await third.ask('POST', '/data/import', document)).status, 200);
  await demandTakenIn(third);
});

async function demandTakenIn(api: TestApi): Promise<void> {
  const [ban] = (await api.get('/banned')).body.data;
  assert.deepEqual([ban.who, ban.until, ban.reason], ['bad', 'infinity', 'noise']);
  const headers = { authorization: basic('backend', 'quiet please') };
  assert.equal((await api.fetch('/api/v4/brokers', { headers })).status, 200);
}

test('bans that are over, and the application of the configuration, are left as they are', async () => {
  const api = await TestApi.start();
  const { file } = await exported();
  assert.ok(file.size > 0);
  const blacklist = [{ who: 'past', as: 'clientid', until: 1 }];
  const secret = `$sha256$${'0'.repeat(64)}`;
  const apps = [{ id: 'admin', name: '', desc: '', status: false, expired: 'undefined', secret }];
  assert.equal((await api.ask('POST', '/data/import', { version: '1', blacklist, apps })).status, 200);
  assert.deepEqual((await api.get('/banned')).body.data, []);
});

for (const [method, path, body, status, code] of [
  ['GET', '/data/file/none.json', undefined, 404, 108],
  ['DELETE', '/data/file/none.json', undefined, 404, 108],
  ['POST', '/data/import', { filename: 'none.json' }, 404, 108],
  ['GET', '/data/file/..%2fmanagement.json', undefined, 400, 108],
  ['DELETE', '/data/file/..%2fmanagement.json', undefined, 400, 108],
  ['POST', '/data/import', { filename: '../management.json' }, 400, 108],
  ['POST', '/data/file', { filename: '/etc/x.json', file: '{}' }, 400, 108],
  ['POST', '/data/file', { filename: 'x.json' }, 400, 107],
  ['POST', '/data/file', { filename: 'x.json', file: '{' }, 400, 109],
  ['POST', '/data/file', { filename: 'x.json', file: '{}' }, 400, 107],
  ['POST', '/data/import', { version: '1', apps: [{ id: 'a', secret: '$plain' }] }, 400, 108],
] as const) {
  test(`${method} ${path} with ${JSON.stringify(body)} gives ${status} and code ${code}`, async () => {
    const api = await TestApi.start();
    const result = await api.ask(method, path, body);
    assert.deepEqual([result.status, result.body.code], [status, code], result.body.message);
    assert.deepEqual((await api.get('/data/export')).body.data, []);
  });
}

test('applications of an export of the reference, which has their secrets as they are, are let in', async () => {
  const api = await TestApi.start();
  const app = { id: 'old', name: 'Old', desc: '', status: true, expired: 'undefined', secret: 'as it was' };
  const { status } = await api.ask('POST', '/data/import', { version: '4.4', apps: [app] });
  assert.equal(status, 200);
  const response = await api.fetch('/api/v4/apps', { headers: { authorization: basic('old', 'as it was') } });
  assert.equal(response.status, 200);
});

test('an import that has nothing in it is told', async () => {
  const api = await TestApi.start();
  const { body } = await api.ask('POST', '/data/import', { version: '1' });
  assert.deepEqual(body.warnings, ['nothing is taken in: there are no bans and no applications in it']);
});

test('what an import leaves out is told in its answer', async () => {
  const api = await TestApi.start();
  const now = Math.floor(api.hub.clock.now() / 1000);
  const document = {
    version: '4.4',
    date: '2026-05-18 17:17:44',
    users: [],
    rules: [{ id: 'rule:1' }],
    acl_mnesia: [{}],
    blacklist: [
      { who: 'a', as: 'clientid', until: now - 1 },
      { who: 'b', as: 'clientid', until: now + 60 },
    ],
    apps: [{ id: 'admin', secret: 'public', name: '', desc: '', status: true }],
  };
  const { status, body } = await api.ask('POST', '/data/import', document);
  assert.equal(status, 200, body.message);
  assert.deepEqual(body.warnings, [
    'left out, there is nothing like it here: rules, acl_mnesia',
    'blacklist: 1 left out, which are over',
    'apps: admin left out, the configuration says what this one may do',
  ]);
});
