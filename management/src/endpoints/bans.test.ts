import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestStore } from '@portico/core/testing';
import { TestApi } from '../testing/index.js';

/** Seconds since 1970 on the clock of the hub. */
const now = (api: TestApi) => Math.floor(api.hub.clock.now() / 1000);

const ban = (api: TestApi, body: unknown) => api.ask('POST', '/banned', body);

test('a ban holds for 5 minutes by itself, disconnects whom it is on, and is told in the log', async () => {
  const api = await TestApi.start();
  const client = api.hub.client('bad');
  const { status, body } = await ban(api, { who: 'bad', as: 'clientid', reason: 'noise' });
  assert.equal(status, 200);
  const expected = {
    who: 'bad',
    as: 'clientid',
    reason: 'noise',
    by: 'user',
    at: now(api),
    until: now(api) + 300,
  };
  assert.deepEqual(body.data, expected);
  assert.equal(client.detachedBy, 'banned');
  const { body: list } = await api.get('/banned');
  assert.deepEqual(list.data, [expected]);
  assert.deepEqual(list.meta, { page: 1, limit: 10_000, hasnext: false, count: 1 });
  const line = api.lines.at(-1);
  assert.deepEqual([line?.action, line?.as, line?.who, line?.code], ['create_banned', 'clientid', 'bad', 0]);
  api.hub.clock.advance(300_000);
  assert.deepEqual((await api.get('/banned')).body.data, []);
});

test('a ban that is over already is refused, and disconnects nobody', async () => {
  const api = await TestApi.start();
  const client = api.hub.client('good');
  for (const until of [1, now(api)]) {
    const { status, body } = await ban(api, { who: 'good', as: 'clientid', until });
    assert.deepEqual([status, body.code, body.message], [400, 108, 'until: is over already']);
  }
  assert.equal(client.detachedBy, undefined);
  assert.equal(api.hub.engine.bans.size, 0);
});

test('the number of bans is that of those that hold', async () => {
  const api = await TestApi.start();
  await ban(api, { who: 'a', as: 'clientid', until: now(api) + 1 });
  api.hub.clock.advance(2000);
  assert.equal((await api.get('/banned')).body.meta?.count, 0);
});

test('a ban for ever, with who says so and since when', async () => {
  const api = await TestApi.start();
  const wanted = {
    who: 'ada',
    as: 'username',
    reason: 'r',
    by: 'boss',
    at: 1_700_000_000,
    until: 'infinity',
  };
  assert.deepEqual((await ban(api, wanted)).body.data, wanted);
  api.hub.clock.advance(1e12);
  assert.deepEqual((await api.get('/banned')).body.data, [wanted]);
});

test('addresses are banned in whichever form they are written, and lifted', async () => {
  const api = await TestApi.start();
  const { data } = (await ban(api, { who: '::ffff:192.0.2.1', as: 'peerhost' })).body;
  assert.equal(data.who, '192.0.2.1');
  assert.equal((await api.ask('DELETE', '/banned/peerhost/192.0.2.1')).status, 200);
  assert.deepEqual((await api.get('/banned')).body.data, []);
});

test('pages of bans', async () => {
  const api = await TestApi.start();
  for (const who of ['a', 'b', 'c']) await ban(api, { who, as: 'clientid' });
  const { body } = await api.get('/banned?_page=2&_limit=2');
  assert.deepEqual([body.data[0].who, body.meta?.count, body.meta?.hasnext], ['c', 3, false]);
});

for (const [body, status, code] of [
  [{ as: 'clientid' }, 400, 107],
  [{ who: 'a' }, 400, 107],
  [{ who: '', as: 'clientid' }, 400, 108],
  [{ who: 'a', as: 'colour' }, 400, 108],
  [{ who: 'nowhere', as: 'peerhost' }, 400, 108],
  [{ who: 'a', as: 'clientid', until: 'soon' }, 400, 108],
  [{ who: 'a', as: 'clientid', until: 1e15 }, 400, 108],
  [{ who: 'a', as: 'clientid', at: -1 }, 400, 108],
] as const) {
  test(`a ban ${JSON.stringify(body)} gives ${status} and code ${code}`, async () => {
    const api = await TestApi.start();
    const result = await ban(api, body);
    assert.deepEqual([result.status, result.body.code], [status, code], result.body.message);
    assert.equal(api.hub.engine.bans.size, 0);
  });
}

test('lifting a ban that there is not gives 404, of a kind that there is not 400', async () => {
  const api = await TestApi.start();
  for (const [path, status] of [
    ['/banned/clientid/nobody', 404],
    ['/banned/colour/red', 400],
  ] as const) {
    const result = await api.ask('DELETE', path);
    assert.deepEqual([result.status, result.body.code], [status, 108]);
  }
});

test('the answer comes when the ban is durable', async () => {
  const store = new TestStore();
  const api = await TestApi.start({}, { store });
  store.held = true;
  let answered = false;
  const answer = ban(api, { who: 'a', as: 'clientid' }).then((result) => {
    answered = true;
    return result;
  });
  while (api.hub.engine.bans.size === 0) await api.hub.nextTurn();
  assert.equal((await api.get('/banned')).body.data.length, 1, 'time enough for an answer');
  assert.equal(answered, false);
  store.settle();
  assert.equal((await answer).status, 200);
});
