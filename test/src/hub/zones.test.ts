import assert from 'node:assert/strict';
import { test } from 'node:test';
import mqtt, { type IClientOptions } from 'mqtt';
import { LocalHub } from '../support/local-hub.js';

const CONFIG = `
access:
  allow_anonymous: false
  users: [{ username: ann, password: secret }]
  acl: [{ permit: deny, topics: [closed/#, devices/closed/#] }]
gateways:
  mqtt:
    max_qos_allowed: 1
    mountpoint: devices/
    zones:
      internal:
        allow_anonymous: true
        bypass_auth_plugins: true
        enable_acl: false
        max_qos_allowed: 2
        mountpoint: ""
      unused: {}
    listeners:
      tcp:
        external: { bind: 127.0.0.1:0 }
        internal: { bind: 127.0.0.1:0, zone: internal }
`;

async function connect(local: LocalHub, listener: string, options: IClientOptions = {}) {
  const url = `mqtt://127.0.0.1:${local.port(`mqtt:tcp:${listener}`)}`;
  return await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...options }, false);
}

test('the clients of a listener get the settings of its zone, all others those of the gateway', async (t) => {
  const local = await LocalHub.start(CONFIG);
  t.after(() => local.stop());
  await assert.rejects(connect(local, 'external'), /Not authorized/i);
  await assert.rejects(
    connect(local, 'external', { username: 'ann', password: 'x' }),
    /user name or password/i,
  );
  const device = await connect(local, 'external', { clientId: 'd', username: 'ann', password: 'secret' });
  const application = await connect(local, 'internal', { clientId: 'a', username: 'ann', password: 'x' });

  const { sessions } = local.hub.engine;
  assert.deepEqual([sessions.get('d')?.client.zone, sessions.get('a')?.client.zone], [undefined, 'internal']);
  assert.equal(sessions.get('a')?.client.anonymous, true);
  assert.equal(sessions.get('d')?.client.mountpoint, 'devices/');
  assert.equal(sessions.get('a')?.client.mountpoint, '');
  assert.deepEqual([sessions.get('d')?.options.maxQos, sessions.get('a')?.options.maxQos], [1, 2]);
  assert.equal((await application.subscribeAsync('closed/a'))[0]?.qos, 0);
  await assert.rejects(device.subscribeAsync('closed/a'), /Not authorized/i);
  assert.equal(local.metric('packets.connect.received'), 4, 'all zones count together');

  await Promise.all([device.endAsync(), application.endAsync()]);
});

test('listeners, zones, users, clients and topics may have the names that objects inherit', async (t) => {
  const local = await LocalHub.start(`
access:
  allow_anonymous: false
  users: [{ username: __proto__, password: secret }]
  acl: [{ permit: allow, who: { username: __proto__ }, topics: ["%u/constructor"] }]
  acl_nomatch: deny
gateways:
  mqtt:
    zones: { constructor: { mountpoint: "%u/" } }
    listeners: { tcp: { constructor: { bind: "127.0.0.1:0", zone: constructor } } }
    mountpoint: wrong/
`);
  t.after(() => local.stop());
  await assert.rejects(connect(local, 'constructor', { username: 'toString', password: 'secret' }));
  const client = await connect(local, 'constructor', {
    clientId: '__proto__',
    username: '__proto__',
    password: 'secret',
  });
  const got = new Promise<string[]>((resolve) =>
    client.once('message', (topic, payload) => resolve([topic, payload.toString()])),
  );
  await client.subscribeAsync('constructor');
  await client.publishAsync('constructor', 'x');
  assert.deepEqual(await got, ['constructor', 'x']);
  await assert.rejects(client.subscribeAsync('toString'), /Not authorized/i);
  await client.endAsync();
});
