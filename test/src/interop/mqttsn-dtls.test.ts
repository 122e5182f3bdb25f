import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DtlsDevice } from '@portico/core/testing';
import { LocalHub } from '../support/local-hub.js';

/** MQTT-SN over DTLS, with a pre-shared key that is the login. */

const keys = join(tmpdir(), `portico-psk-sn-${process.pid}.txt`);
let hub: LocalHub;

before(async () => {
  writeFileSync(keys, 'sensor-1:1234\n');
  hub = await LocalHub.start(`
access: { psk_file: ${keys}, allow_anonymous: false }
gateways:
  mqttsn:
    listeners:
      dtls: { default: { bind: 127.0.0.1:0, psk: true, psk_identity_as_username: true } }
`);
});

after(async () => {
  await hub.stop();
  rmSync(keys);
});

/** CONNECT with a clean session, a keep alive of 60 s and the client id `dev1`, MQTT-SN 1.2 §5.4.4. */
const CONNECT = Buffer.from('0a040401003c64657631', 'hex');
/** PUBLISH of QoS 1 to the short topic `ab`, with message id 1, §5.4.12. */
const PUBLISH = Buffer.from('080c2261620001ff', 'hex');

test('a sensor with a key of the file comes in by it and publishes', async () => {
  const device = await DtlsDevice.start(hub.port('mqttsn:dtls:default'), {
    credentials: { kind: 'psk', identity: 'sensor-1', key: Buffer.from('1234') },
  });
  device.send(CONNECT);
  assert.equal((await device.receive()).toString('hex'), '030500', 'CONNACK: accepted');
  const [client] = hub.hub.engine.sessions.values();
  assert.equal(client?.client.username, 'sensor-1');
  device.send(PUBLISH);
  assert.equal((await device.receive()).toString('hex'), '070d6162000100', 'PUBACK: accepted');
  device.close();
});
