import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { CertificateFolder } from '@portico/core/testing';
import mqtt from 'mqtt';
import { RandomBytes } from '../bad-input/random.js';
import { Command } from '../support/command.js';
import { patience } from '../support/patience.js';
import { Portico } from '../support/portico.js';

/** TLS and secure WebSocket, with the real clients and with strangers. */

const folder = new CertificateFolder();
const authority = folder.file('ca.pem');
let portico: Portico;

before(async () => {
  folder.authority('ca');
  folder.certificate('server', 'ca', '/CN=server');
  const files = `certfile: ${folder.file('server.pem')}, keyfile: ${folder.file('server.key')}`;
  const secured = `{ default: { bind: 127.0.0.1:0, ${files} } }`;
  portico = await Portico.start({
    config: `
gateways:
  mqtt: { listeners: { tls: ${secured}, wss: ${secured} } }
  tcp: { listeners: { tls: ${secured} } }
`,
  });
});
after(async () => {
  await portico.stop();
  folder.remove();
});

test('mosquitto_pub over TLS reaches MQTT.js over secure WebSocket', async () => {
  const app = await mqtt.connectAsync(`wss://127.0.0.1:${portico.port('mqtt:wss:default')}/mqtt`, {
    ca: readFileSync(authority),
    protocolVersion: 5,
  });
  await app.subscribeAsync('secure/#', { qos: 1 });
  const arrives = once(app as unknown as NodeJS.EventEmitter, 'message');
  const port = String(portico.port('mqtt:tls:default'));
  const options = ['-h', '127.0.0.1', '-p', port, '--cafile', authority];
  const output = await Command.run('mosquitto_pub', ...options, '-q', '1', '-t', 'secure/a', '-m', 'hidden');
  assert.equal(output, '');
  const [topic, payload] = (await arrives) as [string, Buffer];
  assert.deepEqual([topic, payload.toString()], ['secure/a', 'hidden']);
  await app.endAsync();
});

test('a TCP terminal logs in over TLS', async () => {
  const client = `openssl s_client -quiet -connect 127.0.0.1:${portico.port('tcp:tls:default')}`;
  const login = `printf '\\x11\\x00\\x07\\x3c\\x00\\x04abcd\\x60'`;
  assert.match(await Command.run('bash', '-c', `${login} | ${client}`), /Connect Successfully/);
});

for (const listener of ['mqtt:tls:default', 'mqtt:wss:default', 'tcp:tls:default']) {
  test(`${listener}: random bytes instead of a handshake, and a truncated one, end the connection`, async () => {
    const random = new RandomBytes(2026);
    const hello = Buffer.from('160301020001', 'hex');
    for (let i = 0; i < 50; i++) {
      const socket = connect(portico.port(listener), '127.0.0.1');
      socket.on('error', () => {});
      socket.end(i % 2 === 0 ? random.bytes(300) : Buffer.concat([hello, random.bytes(100)]));
      socket.resume();
      await once(socket, 'close', { signal: patience() });
    }
    const health = await mqtt.connectAsync(`mqtts://127.0.0.1:${portico.port('mqtt:tls:default')}`, {
      ca: readFileSync(authority),
    });
    await health.endAsync();
  });
}
