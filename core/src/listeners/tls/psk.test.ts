import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { PskKeys } from '../../access/psk-keys.js';
import { PskLookup } from '../../access/psk-lookup.js';
import { VirtualClock } from '../../runtime/clock.js';
import { closed, openListener, type TestListener } from '../testing/listener-fixture.js';
import { sClient, TlsWorld } from './testing.js';

let world: TlsWorld;
let keys: PskKeys;
before(async () => {
  world = new TlsWorld();
  writeFileSync(world.file('psk.txt'), 'client1:1234\nclient2:abcd\n');
  keys = await PskKeys.read(world.file('psk.txt'));
});
after(() => world.remove());

/** Suites that clients offer which have a key. */
const CLIENT_SUITES = 'TLS_AES_128_GCM_SHA256:PSK-AES128-GCM-SHA256:PSK-AES128-CBC-SHA:@SECLEVEL=0';

/** A client with a pre-shared key and no other means to know the server. */
function openPsk(
  t: TestContext,
  port: number,
  identity: string,
  key: string,
  options: ConnectionOptions = {},
): TLSSocket {
  const client = connect({
    port,
    host: '127.0.0.1',
    ciphers: CLIENT_SUITES,
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ identity, psk: Buffer.from(key) }),
    ...options,
  });
  client.on('error', () => {});
  t.after(() => client.destroy());
  return client;
}

/** OpenSSL's ways to say that what was made with a key does not fit. */
const WRONG_KEY =
  /^(?:decryption failed or bad record mac|cipher operation failed|binder does not verify) .*; the identity is "client1"$/;

const versions = { 'TLSv1.2': '-tls1_2', 'TLSv1.3': '-tls1_3' } as const;
const only = (version: SecureVersion) => ({ minVersion: version, maxVersion: version });

/** Waits until the listener has logged a refusal. */
async function refusal(it: TestListener): Promise<string> {
  while (it.log.length === 0) await new Promise((resolve) => setImmediate(resolve));
  return String(it.log[0]?.detail);
}

for (const version of Object.keys(versions) as (keyof typeof versions)[]) {
  for (const withCertificate of [false, true]) {
    const how = `${version}, ${withCertificate ? 'with' : 'without'} a certificate`;
    const settings = () => ({ psk: true, ...(withCertificate ? world.files : {}) });

    test(`${how}: a client with a key is let in, and its identity is known`, async (t) => {
      const it = await openListener(t, 'tls', settings(), keys);
      const client = openPsk(t, it.port, 'client1', '1234', only(version));
      client.write('hello');
      const handler = await it.accepted();
      assert.equal(handler.connection.info.pskIdentity, 'client1');
      assert.equal(await handler.text(5), 'hello');
      assert.equal(client.getProtocol(), version);
    });

    test(`${how}: openssl s_client with a key is let in`, async (t) => {
      const it = await openListener(t, 'tls', settings(), keys);
      const output = sClient(it.port, versions[version], '-psk', '61626364', '-psk_identity', 'client2');
      const { connection } = await it.accepted();
      assert.equal(connection.info.pskIdentity, 'client2');
      connection.end();
      assert.match(await output, new RegExp(`${version}, Cipher is `));
    });

    test(`${how}: a wrong key is refused and logged with the identity`, async (t) => {
      const it = await openListener(t, 'tls', settings(), keys);
      await closed(openPsk(t, it.port, 'client1', 'wrong', only(version)));
      assert.match(await refusal(it), WRONG_KEY);
      assert.deepEqual(it.refused, { tls_handshake: 1 });
      assert.equal(it.handlers.length, 0);
    });
  }

  test(`${version}: a key that has to be looked up is there when the client tries again`, async (t) => {
    const later = { pskKey: () => Promise.resolve(Buffer.from('1234')) };
    const it = await openListener(
      t,
      'tls',
      { psk: true },
      new PskLookup(undefined, later, new VirtualClock()),
    );
    await closed(openPsk(t, it.port, 'client1', '1234', only(version)));
    assert.equal(it.handlers.length, 0);
    const again = openPsk(t, it.port, 'client1', '1234', only(version));
    again.write('hello');
    assert.equal((await it.accepted()).connection.info.pskIdentity, 'client1');
  });

  test(`${version}: an identity without a key is refused and logged`, async (t) => {
    const it = await openListener(t, 'tls', { psk: true }, keys);
    await closed(openPsk(t, it.port, 'client3', '1234', only(version)));
    assert.match(await refusal(it), /the identity is "client3"/);
    assert.deepEqual(it.refused, { tls_handshake: 1 });
  });
}

test('TLSv1.3: who names an identity without a key is shown the certificate, where there is one', async (t) => {
  const it = await openListener(t, 'tls', { psk: true, ...world.files }, keys);
  const client = openPsk(t, it.port, 'client3', '1234', { ca: world.read('ca.pem') });
  await once(client, 'secureConnect');
  assert.equal(client.authorized, true);
  assert.equal((await it.accepted()).connection.info.pskIdentity, undefined);
});

test('who names another’s identity without its key, and takes the certificate instead, does not get it', async (t) => {
  const it = await openListener(t, 'tls', { psk: true, ...world.files }, keys);
  const suites = ['-tls1_3', '-ciphersuites', 'TLS_AES_256_GCM_SHA384'];
  const output = sClient(it.port, ...suites, '-psk', 'ffff', '-psk_identity', 'client1');
  const { connection } = await it.accepted();
  assert.equal(connection.info.pskIdentity, undefined);
  connection.end();
  assert.match(await output, /New, TLSv1\.3, Cipher is TLS_AES_256_GCM_SHA384/);
});

test('the same, where certificates are wanted: it is refused', async (t) => {
  const settings = { ...world.verifying, psk: true, fail_if_no_peer_cert: true };
  const it = await openListener(t, 'tls', settings, keys);
  const suites = ['-tls1_3', '-ciphersuites', 'TLS_AES_256_GCM_SHA384'];
  await sClient(it.port, ...suites, '-psk', 'ffff', '-psk_identity', 'client1');
  assert.deepEqual(it.refused, { client_certificate: 1 });
  assert.equal(it.handlers.length, 0);
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: keys and certificates go together on one listener`, async (t) => {
    const settings = { ...world.verifying, psk: true, fail_if_no_peer_cert: true };
    const it = await openListener(t, 'tls', settings, keys);
    openPsk(t, it.port, 'client1', '1234', only(version));
    const byKey = (await it.accepted(0)).connection.info;
    assert.deepEqual([byKey.pskIdentity, byKey.certificate], ['client1', undefined]);
    world.open(t, it.port, { ...world.identity('device'), ...only(version) });
    const byCertificate = (await it.accepted(1)).connection.info;
    assert.deepEqual(
      [byCertificate.pskIdentity, byCertificate.certificate?.commonName],
      [undefined, 'device-1'],
    );
    await closed(world.open(t, it.port, only(version)));
    assert.deepEqual(it.refused, { client_certificate: 1 });
  });

  test(`${version}: no session is resumed where there are keys: it would not tell whose it is`, async (t) => {
    const it = await openListener(t, 'tls', { psk: true, ...world.files }, keys);
    const first = world.open(t, it.port, only(version));
    const sessions: Buffer[] = [];
    first.on('session', (session: Buffer) => sessions.push(session));
    (await it.accepted(0)).connection.write(Buffer.from('welcome'));
    await once(first, 'data');
    const [session] = sessions;
    const second = world.open(t, it.port, { ...only(version), ...(session && { session }) });
    await once(second, 'secureConnect');
    assert.equal(second.isSessionReused(), false);
    assert.equal((await it.accepted(1)).connection.info.pskIdentity, undefined);
  });
}

test('psk_ciphers says which suites there are for keys', async (t) => {
  const settings = { psk: true, psk_ciphers: 'PSK-AES256-GCM-SHA384', tls_versions: ['tlsv1.2'] };
  const it = await openListener(t, 'tls', settings, keys);
  await closed(openPsk(t, it.port, 'client1', '1234'));
  assert.match(await refusal(it), /no shared cipher/);
  const client = openPsk(t, it.port, 'client1', '1234', { ciphers: 'PSK-AES256-GCM-SHA384' });
  await once(client, 'secureConnect');
});

test('without psk a listener asks for no key', async (t) => {
  const it = await openListener(t, 'tls', { ...world.files, tls_versions: ['tlsv1.2'] }, keys);
  await closed(openPsk(t, it.port, 'client1', '1234'));
  assert.match(await refusal(it), /no shared cipher/);
});

test('psk without a file of keys, and suites that do not exist, are errors that name the key', async (t) => {
  await assert.rejects(
    openListener(t, 'tls', { psk: true }),
    /default\.psk: there is neither access\.psk_file nor a user with psk/,
  );
  const settings = { psk: true, psk_ciphers: 'NO-SUCH-SUITE' };
  await assert.rejects(openListener(t, 'tls', settings, keys), /default\.psk_ciphers: .*no cipher match/);
});
