import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dtls } from 'node-dtls-client';
import { LocalHub } from '../support/local-hub.js';
import { PATIENCE } from '../support/patience.js';

/** node-dtls-client, with which Node programs speak to lamps and sensors: PSK alone, no extended master secret. */

const keys = join(tmpdir(), `portico-psk-node-${process.pid}.txt`);
let hub: LocalHub;

before(async () => {
  writeFileSync(keys, 'lamp-1:1234\n');
  hub = await LocalHub.start(`
access: { psk_file: ${keys}, allow_anonymous: false }
gateways:
  coap:
    listeners:
      dtls: { default: { bind: 127.0.0.1:0, psk: true, psk_identity_as_username: true } }
`);
});

after(async () => {
  await hub.stop();
  rmSync(keys);
});

/** CON PUT /mqtt/a?c=l with the payload `on`, message id 1 and token 7, and its answer 2.04. */
const PUT = Buffer.from('4103000107b46d717474016143633d6cff6f6e', 'hex');
const CHANGED = '6144000107';

type CipherSuite = NonNullable<dtls.Options['ciphers']>[number];

function connect(key: string, ciphers: CipherSuite[]): dtls.Socket {
  return dtls.createSocket({
    type: 'udp4',
    address: '127.0.0.1',
    port: hub.port('coap:dtls:default'),
    psk: { 'lamp-1': key },
    ciphers,
    timeout: PATIENCE,
  });
}

const SUITES: readonly CipherSuite[] = [
  'TLS_PSK_WITH_AES_128_CCM_8',
  'TLS_PSK_WITH_AES_128_CCM',
  'TLS_PSK_WITH_AES_128_GCM_SHA256',
];

for (const suite of SUITES) {
  test(`comes in by its key and publishes, with ${suite}`, async () => {
    const socket = connect('1234', [suite]);
    await once(socket, 'connected');
    socket.send(PUT);
    const [answer] = (await once(socket, 'message')) as [Buffer];
    assert.equal(answer.toString('hex'), CHANGED);
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });
}

test('is refused with a wrong key', async () => {
  const socket = connect('4321', ['TLS_PSK_WITH_AES_128_CCM_8']);
  const [error] = (await once(socket, 'error')) as [Error];
  assert.match(error.message, /received fatal alert: decrypt_error/);
});
