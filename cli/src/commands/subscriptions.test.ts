import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NODE, TestApi, temporaryFolder } from '@portico/management/testing';
import { runCommand } from '../testing.js';
import { cleanAclCache, reloadAcl, showAclCache } from './acl.js';
import { listRoutes, showRoute } from './routes.js';
import {
  addSubscription,
  listSubscriptions,
  removeSubscription,
  showSubscriptions,
} from './subscriptions.js';

/** A hub with a client `a` that has subscribed with two filters. */
async function hubWithSubscriptions() {
  const api = await TestApi.start();
  const client = api.hub.client('a');
  client.subscribe('room/+', { qos: 1 });
  client.subscribe('$share/g/jobs');
  return api;
}

test('subscriptions are listed with client and QoS, by the conditions given', async () => {
  const api = await hubWithSubscriptions();
  assert.equal(
    (await runCommand(api, listSubscriptions, {})).stdout,
    'CLIENT ID  TOPIC FILTER   QOS\na          room/+         1\na          $share/g/jobs  0\n',
  );
  for (const [conditions, expected] of [
    [{ match: 'room/1' }, ['room/+']],
    [{ topic: 'jobs' }, ['$share/g/jobs']],
    [{ share: 'g' }, ['$share/g/jobs']],
    [{ qos: '1' }, ['room/+']],
  ] as const) {
    const { stdout } = await runCommand(api, listSubscriptions, { ...conditions, json: true });
    assert.deepEqual(
      JSON.parse(stdout).map(({ topic }: { topic: string }) => topic),
      expected,
    );
  }
  assert.match((await runCommand(api, showSubscriptions, { clientId: 'a' })).stdout, /^a +room\/\+ +1$/m);
});

test('subscriptions of a client that there is not, and conditions that cannot be, are told of', async () => {
  const api = await hubWithSubscriptions();
  const nobody = await runCommand(api, showSubscriptions, { clientId: 'nobody' });
  assert.deepEqual([nobody.code, nobody.stdout], [1, '']);
  assert.match(nobody.stderr, /^not found: there is no client "nobody"\n/);
  for (const [conditions, told] of [
    [{ match: 'room/#' }, /_match_topic: /],
    [{ topic: 'room/#/x' }, /topic: .*#/],
  ] as const) {
    const { code, stdout, stderr } = await runCommand(api, listSubscriptions, conditions);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, told);
  }
});

test('subscriptions add and del subscribe a client that is connected', async () => {
  const api = await hubWithSubscriptions();
  const subscribed = () => api.hub.engine.sessions.get('a')?.subscriptions.get('alerts/#');
  const added = { clientId: 'a', topic: 'alerts/#', qos: '2' };
  assert.equal((await runCommand(api, addSubscription, added)).stdout, 'ok\n');
  assert.equal(subscribed()?.qos, 2);
  assert.equal((await runCommand(api, removeSubscription, added)).stdout, 'ok\n');
  assert.equal(subscribed(), undefined);
  const { code, stderr } = await runCommand(api, addSubscription, { ...added, clientId: 'nobody' });
  assert.equal(code, 1);
  assert.match(stderr, /^not found: there is no client "nobody" connected\n/);
});

test('routes are the filters that somebody is subscribed with', async () => {
  const api = await hubWithSubscriptions();
  const { stdout } = await runCommand(api, listRoutes, {});
  assert.match(stdout, new RegExp(`^TOPIC FILTER +NODE\n(jobs|room/\\+) +${NODE}\n`));
  assert.match((await runCommand(api, showRoute, { topic: 'room/+' })).stdout, /^room\/\+ +test@/m);
  const { code, stderr } = await runCommand(api, showRoute, { topic: 'room/#' });
  assert.equal(code, 1);
  assert.match(stderr, /^not found: nobody is subscribed with "room\/#"\n/);
});

test('access decisions are shown, and forgotten of a client, of a node or of all', async () => {
  for (const owner of [
    { kind: 'client', name: 'c' },
    { kind: 'node', name: NODE },
    { kind: 'all' },
  ] as const) {
    const api = await TestApi.start();
    api.hub.authorize('publish', 'deny');
    api.hub.client('c').publish('up', 'x');
    const shown = async () => (await runCommand(api, showAclCache, { clientId: 'c' })).stdout;
    assert.match(await shown(), /^ACCESS +TOPIC +RESULT +SINCE\npublish +up +deny +\d{4}-.*\n$/);
    assert.equal((await runCommand(api, cleanAclCache, { owner })).stdout, 'ok\n');
    assert.equal(await shown(), 'ACCESS  TOPIC  RESULT  SINCE\n');
  }
});

test('a client whose decisions are asked for has to be connected', async () => {
  const api = await TestApi.start();
  for (const { code, stderr } of [
    await runCommand(api, showAclCache, { clientId: 'nobody' }),
    await runCommand(api, cleanAclCache, { owner: { kind: 'client', name: 'nobody' } }),
  ]) {
    assert.equal(code, 1);
    assert.match(stderr, /^not found: there is no client "nobody" connected\n/);
  }
});

test('acl reload has decisions made anew, and says why it cannot', async () => {
  const api = await TestApi.start({}, { aclFile: 'no/such/acl.conf' });
  const { code, stderr } = await runCommand(api, reloadAcl, {});
  assert.equal(code, 1);
  assert.match(stderr, /no\/such\/acl\.conf/);
  const aclFile = join(await temporaryFolder(), 'acl.conf');
  writeFileSync(aclFile, '{deny, all}.');
  const other = await TestApi.start({}, { aclFile });
  assert.equal((await runCommand(other, reloadAcl, {})).stdout, 'ok\n');
  other.hub.client('c').publish('up', 'x');
  assert.match((await runCommand(other, showAclCache, { clientId: 'c' })).stdout, /^publish +up +deny /m);
});
