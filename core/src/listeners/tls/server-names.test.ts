import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, type TestContext, test } from 'node:test';
import { openListener, type TestListener } from '../testing/listener-fixture.js';
import { sClient, TlsWorld } from './testing.js';

let world: TlsWorld;
before(() => {
  world = new TlsWorld();
  world.folder.certificate('fleet', 'ca', '/CN=fleet', ['*.fleet.example', 'fleet.example']);
  world.folder.certificate('plant-cert', 'ca', '/CN=plant', ['mqtt.plant.example']);
  world.folder.certificate('second-fleet', 'ca', '/CN=second', ['a.fleet.example']);
});
after(() => world.remove());

function pair(name: string) {
  return { certfile: world.file(`${name}.pem`), keyfile: world.file(`${name}.key`) };
}

function settings() {
  return { ...world.files, certificates: ['fleet', 'plant-cert', 'second-fleet'].map(pair) };
}

/** Common name of the certificate that a client is shown which asks for a name. */
async function shownFor(t: TestContext, it: TestListener, servername: string): Promise<unknown> {
  const client = world.open(t, it.port, { servername, checkServerIdentity: () => undefined });
  await once(client, 'secureConnect');
  assert.equal(client.authorized, true);
  return client.getPeerCertificate().subject.CN;
}

test('a client is shown the first certificate that holds for the name it asks for, else the listener’s own', async (t) => {
  const it = await openListener(t, 'tls', settings());
  const expected = {
    localhost: 'localhost',
    'fleet.example': 'fleet',
    'any.fleet.example': 'fleet',
    'ANY.Fleet.Example': 'fleet',
    'a.fleet.example': 'fleet',
    'a.b.fleet.example': 'localhost',
    'mqtt.plant.example': 'plant',
    'plant.example': 'localhost',
    'unheard.of': 'localhost',
    '': 'localhost',
  };
  for (const [name, shown] of Object.entries(expected))
    assert.equal(await shownFor(t, it, name), shown, name);
});

test('the listener’s own certificate comes before the further ones', async (t) => {
  const own = pair('second-fleet');
  const it = await openListener(t, 'tls', { ...own, certificates: [pair('fleet')] });
  assert.equal(await shownFor(t, it, 'a.fleet.example'), 'second');
  assert.equal(await shownFor(t, it, 'b.fleet.example'), 'fleet');
});

test('openssl s_client is shown the certificate for its -servername', async (t) => {
  const it = await openListener(t, 'tls', settings());
  const connected = (async () => {
    for (let i = 0; i < 2; i++) (await it.accepted(i)).connection.end();
  })();
  const asked = await sClient(it.port, '-servername', 'mqtt.plant.example');
  assert.match(asked, /^subject=CN = plant$/m);
  assert.match(await sClient(it.port, '-noservername'), /^subject=CN = localhost$/m);
  await connected;
});

test('client certificates are judged alike under every name', async (t) => {
  const it = await openListener(t, 'tls', { ...settings(), ...world.verifying, fail_if_no_peer_cert: true });
  for (const servername of ['localhost', 'a.fleet.example']) {
    const known = world.open(t, it.port, { servername, ...world.identity('device') });
    known.write('hi');
    await once(world.open(t, it.port, { servername, ...world.identity('foreign') }), 'close');
  }
  assert.equal((await it.accepted(1)).connection.info.certificate?.commonName, 'device-1');
  assert.deepEqual(it.refused, { client_certificate: 2 });
  assert.equal(it.handlers.length, 2);
});

test('a further certificate that cannot be used is an error that names its key', async (t) => {
  const wrong = { certfile: world.file('fleet.pem'), keyfile: world.file('server.key') };
  await assert.rejects(
    openListener(t, 'tls', { ...world.files, certificates: [wrong] }),
    /server\.key \(gateways\.test\.listeners\.tls\.default\.certificates\.0\.keyfile\): it is not the key/,
  );
});
