import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.js';
import { LocalHub } from '../support/local-hub.js';
import { nextDatagram, openUdp } from '../support/udp-socket.js';
import { RandomBytes } from './random.js';

/** What strangers throw at the MQTT-SN gateway, and what clients get beside it. */

const LISTENER = 'mqttsn:udp:default';
const CONFIG = `
gateways:
  mqttsn:
    listeners:
      udp: { default: { bind: 127.0.0.1:0, max_conn_rate: 0 } }
`;

/** Clean session, keep alive 60 s, client id `d`. */
const CONNECT = Buffer.from('07040401003c64', 'hex');
const SUBSCRIBE_XY = Buffer.from('07122200017879', 'hex');
const SLEEP = Buffer.from('0418003c', 'hex');
const PUBLISH_XY = Buffer.from('080c227879000131', 'hex');
const PINGREQ_D = Buffer.from('031664', 'hex');

let hub: LocalHub;
before(async () => {
  hub = await LocalHub.start(CONFIG);
});
after(() => hub.stop());

function peer(): Promise<Socket> {
  return openUdp(hub.port(LISTENER));
}

async function ask(socket: Socket, datagram: Buffer): Promise<string> {
  const answered = nextDatagram(socket);
  socket.send(datagram);
  return (await answered).toString('hex');
}

test('thousands of random datagrams leave the gateway as it was', async () => {
  const random = new RandomBytes(1884);
  const strangers = await Promise.all(Array.from({ length: 10 }, peer));
  const before = hub.metric('bytes.received');
  let sent = 0;
  for (let i = 0; i < 3000; i++) {
    const bytes = random.bytes(40);
    // Else nearly all would be found to be of the wrong length.
    if (i % 2 === 0 && bytes.length > 1) bytes[0] = bytes.length;
    sent += bytes.length;
    strangers[i % strangers.length]?.send(bytes);
    // As fast as they are read: what the operating system drops harms nobody.
    if (i % 20 === 0)
      await eventually('they were read', () => hub.metric('bytes.received') - before === sent);
  }
  await eventually('all were read', () => hub.metric('bytes.received') - before === sent);
  const device = await peer();
  assert.equal(await ask(device, CONNECT), '030500');
  for (const socket of [...strangers, device]) socket.close();
});

test('a client sleeps and wakes over a socket, from another port too', async () => {
  const [device, rebound, other] = [await peer(), await peer(), await peer()];
  assert.equal(await ask(device, CONNECT), '030500');
  assert.equal(await ask(device, SUBSCRIBE_XY), '0813200000000100');
  assert.equal(await ask(device, SLEEP), '0218');
  assert.equal(await ask(other, PUBLISH_XY), '0218', 'who has not connected is told so');
  assert.equal(await ask(other, Buffer.from('07040401003c65', 'hex')), '030500');
  assert.equal(await ask(other, PUBLISH_XY), '070d7879000100');
  assert.equal(await ask(rebound, PINGREQ_D), '080c227879000131');
  assert.equal(await ask(rebound, Buffer.from('070d7879000100', 'hex')), '0217');
  for (const socket of [device, rebound, other]) socket.close();
});
