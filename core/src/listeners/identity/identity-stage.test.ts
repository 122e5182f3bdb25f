import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { PskKeys } from '../../access/psk-keys.js';
import { closed, openClient, openListener } from '../testing/listener-fixture.js';
import { TlsWorld } from '../tls/testing.js';

let world: TlsWorld;
before(() => {
  world = new TlsWorld();
  world.folder.certificate('nameless', 'ca', '/O=Portico');
});
after(() => world.remove());

/** Who a client with this certificate is. */
async function proven(t: TestContext, settings: object, name?: string) {
  const it = await openListener(t, 'tls', { ...world.verifying, ...settings });
  world.open(t, it.port, name === undefined ? {} : world.identity(name));
  return (await it.accepted()).connection.info.proven;
}

test('username and client id are what the configuration takes of the certificate', async (t) => {
  const { raw } = new X509Certificate(world.read('device.pem'));
  const expected = {
    cn: 'device-1',
    dn: 'CN=device-1,O=Portico\\, Inc.,C=DE',
    crt: raw.toString('latin1'),
    pem: raw.toString('base64'),
    md5: createHash('md5').update(raw).digest('hex'),
  };
  for (const [field, value] of Object.entries(expected)) {
    const asUsername = await proven(t, { peer_cert_as_username: field }, 'device');
    assert.deepEqual(asUsername, { username: value, clientId: undefined }, field);
    const asClientId = await proven(t, { peer_cert_as_clientid: field }, 'device');
    assert.deepEqual(asClientId, { username: undefined, clientId: value }, field);
  }
  const both = { peer_cert_as_username: 'cn', peer_cert_as_clientid: 'md5' };
  assert.deepEqual(await proven(t, both, 'device'), { username: expected.cn, clientId: expected.md5 });
});

test('a client without a certificate, or whose certificate is only looked at, is who it says', async (t) => {
  assert.equal(await proven(t, { peer_cert_as_username: 'cn' }), undefined);
  assert.equal(await proven(t, {}, 'device'), undefined);
});

test('a certificate that lacks what is taken of it is refused', async (t) => {
  for (const type of ['tls', 'wss'] as const) {
    const it = await openListener(t, type, { ...world.verifying, peer_cert_as_username: 'cn' });
    await closed(world.open(t, it.port, world.identity('nameless')));
    assert.deepEqual(it.refused, { client_certificate: 1 });
    assert.equal(it.log[0]?.detail, 'its certificate has no cn, which peer_cert_as_username wants');
    assert.equal(it.handlers.length, 0);
  }
});

/** A PROXY header of version 2 that tells the result of the proxy's own TLS. @param tlvs behind the flags */
function proxyHeader(...tlvs: readonly Buffer[]): Buffer {
  const addresses = Buffer.from('cb007107cb007109c3cb22b3', 'hex');
  const ssl = tlv(0x20, Buffer.from('0700000000', 'hex'), ...tlvs);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(addresses.length + ssl.length);
  return Buffer.concat([Buffer.from('0d0a0d0a000d0a515549540a2111', 'hex'), length, addresses, ssl]);
}

function tlv(type: number, ...value: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(value);
  return Buffer.concat([Buffer.of(type, bytes.length >> 8, bytes.length & 0xff), bytes]);
}

const COMMON_NAME = tlv(0x22, Buffer.from('device-42'));
const clientCertificate = () => tlv(0x28, new X509Certificate(world.read('device.pem')).raw);

test('behind a proxy that ends TLS, its header tells', async (t) => {
  const cases: [string, Buffer, string][] = [
    ['cn', COMMON_NAME, 'device-42'],
    ['dn', COMMON_NAME, 'CN=device-42'],
    ['cn', clientCertificate(), 'device-1'],
    ['dn', clientCertificate(), 'CN=device-1,O=Portico\\, Inc.,C=DE'],
    ['pem', clientCertificate(), new X509Certificate(world.read('device.pem')).raw.toString('base64')],
  ];
  for (const type of ['tcp', 'ws'] as const) {
    for (const [field, ssl, username] of cases) {
      const it = await openListener(t, type, { proxy_protocol: true, peer_cert_as_username: field });
      const client = await openClient(t, it.port);
      client.write(proxyHeader(ssl));
      if (type === 'ws') client.write(UPGRADE);
      const { info } = (await it.accepted()).connection;
      assert.deepEqual(info.proven, { username, clientId: undefined });
    }
  }
});

const UPGRADE = [
  'GET /mqtt HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: mqtt',
  '\r\n',
].join('\r\n');

test('a proxy that tells the common name alone has nothing for md5: refused', async (t) => {
  const it = await openListener(t, 'tcp', { proxy_protocol: true, peer_cert_as_clientid: 'md5' });
  const client = await openClient(t, it.port);
  client.write(proxyHeader(COMMON_NAME));
  await closed(client);
  assert.equal(it.log[0]?.detail, 'its certificate has no md5, which peer_cert_as_clientid wants');
  assert.equal(it.handlers.length, 0);
});

test('the identity of a pre-shared key is the username where the configuration says so', async (t) => {
  writeFileSync(world.file('psk.txt'), 'client1:1234\n');
  const keys = await PskKeys.read(world.file('psk.txt'));
  for (const psk_identity_as_username of [true, false]) {
    const it = await openListener(t, 'tls', { psk: true, psk_identity_as_username }, keys);
    const client = connect({
      port: it.port,
      host: '127.0.0.1',
      ciphers: 'TLS_AES_128_GCM_SHA256',
      pskCallback: () => ({ identity: 'client1', psk: Buffer.from('1234') }),
    });
    t.after(() => client.destroy());
    const { info } = (await it.accepted()).connection;
    const expected = psk_identity_as_username ? { username: 'client1', clientId: undefined } : undefined;
    assert.deepEqual(info.proven, expected);
    assert.equal(info.pskIdentity, 'client1');
  }
});
