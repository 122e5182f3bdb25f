import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Hooks } from '../engine/hooks.js';
import { VirtualClock } from '../runtime/clock.js';
import { type Logger, silentLogger } from '../runtime/logger.js';
import { Metrics } from '../runtime/metrics.js';
import { accessConfigSchema } from './access-config.js';
import { createAccessControl } from './create-access-control.js';
import { someClient, someCredentials, someEntrance } from './testing.js';

function create(section: unknown, log: Logger = silentLogger) {
  return createAccessControl(accessConfigSchema.parse(section), {
    hooks: new Hooks(() => {}),
    metrics: new Metrics(),
    clock: new VirtualClock(),
    log,
  });
}

test('with no configuration the built-in rules hold and there are no users', async () => {
  const access = await create({});
  assert.deepEqual(access.authenticators, []);
  assert.equal(access.authorize(someClient(), undefined, 'subscribe', '$SYS/#'), false);
  assert.equal(access.authorize(someClient(), undefined, 'subscribe', 'a/#'), true);
  const cache = access.createCache();
  access.authorize(someClient(), cache, 'subscribe', 'a/#');
  assert.equal(cache.size, 1);
});

test('users and policy of the configuration hold', async () => {
  const access = await create({
    allow_anonymous: false,
    acl_nomatch: 'deny',
    acl_deny_action: 'disconnect',
    enable_acl: false,
    enable_flapping_detect: true,
    flapping_detect_policy: { max_count: 3, window_time: '10s', ban_time: '1m' },
    acl_cache: { enable: false },
    users: [{ username: 'ann', password: 'secret', is_superuser: true }],
    acl: [],
  });
  assert.deepEqual(access.policy, {
    clients: {
      allowAnonymous: false,
      bypassAuthentication: false,
      checkAcl: false,
      denyAction: 'disconnect',
      checkBans: true,
      detectFlapping: true,
    },
    flapping: { maxCount: 3, window: 10_000, banTime: 60_000 },
    noMatch: 'deny',
    cache: undefined,
  });
  assert.deepEqual(
    access.authenticate(someCredentials({ username: 'ann', password: 'secret' }), someEntrance()),
    {
      ok: true,
      isSuperuser: true,
      anonymous: false,
    },
  );
  assert.equal(access.authorize(someClient(), undefined, 'publish', 'a'), false);
});

test('passwords in plain text are warned about, and not shown', async () => {
  const lines: unknown[][] = [];
  const log: Logger = { ...silentLogger, warn: (...line: unknown[]) => void lines.push(line) };
  await create({ users: [{ username: 'ann', password: 'hunter2' }] }, log);
  assert.equal(lines.length, 1);
  assert.match(JSON.stringify(lines), /plain text/);
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
});

test('the rules of the file come behind those of the configuration', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'portico-access-'));
  try {
    const path = join(directory, 'acl.conf');
    await writeFile(path, '{deny, all, publish, ["a/#"]}.');
    const access = await create({ acl: [{ permit: 'allow', topics: ['a/b'] }], acl_file: path });
    assert.equal(access.authorize(someClient(), undefined, 'publish', 'a/b'), true);
    assert.equal(access.authorize(someClient(), undefined, 'publish', 'a/c'), false);
    assert.equal(access.authorize(someClient(), undefined, 'subscribe', '$SYS/#'), true);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a file of rules that cannot be read stops the start', async () => {
  await assert.rejects(create({ acl_file: '/nowhere/acl.conf' }), { code: 'PORTICO_ERR_ACL_FILE' });
});

test('nobody goes anonymously by the name of a user who has a SCRAM password', async () => {
  const access = await create({
    users: [{ username: 'bob', password: 'secret' }],
    scram: {
      users: [
        { username: 'ada', password: 'x' },
        { username: 'bob', password: 'y' },
      ],
    },
  });
  const anonymous = { ok: true, isSuperuser: false, anonymous: true };
  const refused = { ok: false, refusal: 'bad_credentials' };
  const comesIn = (shown: object, entrance = someEntrance()) =>
    access.authenticate({ ...someCredentials({}), ...shown }, entrance);
  assert.deepEqual(comesIn({ username: 'ada', password: Buffer.from('x') }), refused);
  assert.deepEqual(comesIn({ username: 'eve' }), anonymous);
  assert.deepEqual(comesIn({}), anonymous);
  assert.deepEqual(comesIn({ username: 'ada' }, someEntrance({ bypassAuthentication: true })), anonymous);
  const known = { ok: true, isSuperuser: false, anonymous: false };
  assert.deepEqual(comesIn({ username: 'ada', proven: true }), known);
  assert.deepEqual(comesIn({ username: 'bob', password: Buffer.from('secret') }), known);
  const closed = someEntrance({ allowAnonymous: false });
  assert.deepEqual(comesIn({ username: 'ada' }, closed), comesIn({ username: 'eve' }, closed));
});
