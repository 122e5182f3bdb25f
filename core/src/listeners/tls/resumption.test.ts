import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import { once } from 'node:events';
import { after, before, type TestContext, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { closed, openListener, type TestListener } from '../testing/listener-fixture.js';
import { TlsWorld } from './testing.js';

let world: TlsWorld;
before(() => {
  world = new TlsWorld();
});
after(() => world.remove());

const DAY = 24 * 3600 * 1000;

/** The ways to resume a session that there are. */
const WAYS: Readonly<Record<string, ConnectionOptions>> = {
  'TLS 1.3 tickets': { minVersion: 'TLSv1.3' },
  'TLS 1.2 tickets': { maxVersion: 'TLSv1.2' },
  'TLS 1.2 session ids': { maxVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET },
};

/** Connects, takes the session that the server gives, and leaves. @param index which connection it is */
async function visit(
  t: TestContext,
  it: TestListener,
  index: number,
  options: ConnectionOptions,
): Promise<Buffer> {
  const client = world.open(t, it.port, options);
  let session: Buffer | undefined;
  client.on('session', (given: Buffer) => {
    session = given;
  });
  const handler = await it.accepted(index);
  handler.connection.write(Buffer.from('welcome'));
  await once(client, 'data');
  client.end();
  await handler.closed();
  assert.ok(session);
  return session;
}

for (const [way, options] of Object.entries(WAYS)) {
  test(`${way}: who comes back resumes, and is still known by the certificate`, async (t) => {
    const it = await openListener(t, 'tls', { ...world.verifying, fail_if_no_peer_cert: true });
    const session = await visit(t, it, 0, { ...options, ...world.identity('device') });
    const client = world.open(t, it.port, { ...options, session });
    client.write('again');
    const handler = await it.accepted(1);
    assert.equal(client.isSessionReused(), true);
    assert.equal(await handler.text(5), 'again');
    const { certificate } = handler.connection.info;
    assert.equal(certificate?.commonName, 'device-1');
    assert.deepEqual(certificate, it.handlers[0]?.connection.info.certificate);
  });

  test(`${way}: a certificate that has expired since is refused`, async (t) => {
    const it = await openListener(t, 'tls', world.verifying);
    const session = await visit(t, it, 0, { ...options, ...world.identity('device') });
    it.clock.advance(Math.max(0, Date.now() - it.clock.now()) + 400 * DAY);
    await closed(world.open(t, it.port, { ...options, session }));
    assert.deepEqual(it.refused, { client_certificate: 1 });
    assert.equal(it.log[0]?.detail, 'CERT_HAS_EXPIRED');
  });

  test(`${way}: with reuse_sessions off nobody resumes`, async (t) => {
    const it = await openListener(t, 'tls', { ...world.files, reuse_sessions: false });
    const first = world.open(t, it.port, options);
    const sessions: Buffer[] = [];
    first.on('session', (session: Buffer) => sessions.push(session));
    (await it.accepted(0)).connection.write(Buffer.from('welcome'));
    await once(first, 'data');
    const [session] = sessions;
    const second = world.open(t, it.port, { ...options, ...(session && { session }) });
    await once(second, 'secureConnect');
    assert.equal(second.isSessionReused(), false);
  });

  test(`${way}: a session of one listener is nothing to another`, async (t) => {
    const open = await openListener(t, 'tls', world.files);
    const session = await visit(t, open, 0, options);
    const strict = await openListener(t, 'tls', { ...world.verifying, fail_if_no_peer_cert: true });
    await closed(world.open(t, strict.port, { ...options, session }));
    assert.deepEqual(strict.refused, { client_certificate: 1 });
  });

  test(`${way}: after a reload nobody resumes a session from before`, async (t) => {
    const it = await openListener(t, 'tls', world.files);
    const session = await visit(t, it, 0, options);
    it.listener.reload();
    const client = world.open(t, it.port, { ...options, session });
    await once(client, 'secureConnect');
    assert.equal(client.isSessionReused(), false);
  });
}
