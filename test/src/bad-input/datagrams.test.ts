import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.js';
import { LocalHub } from '../support/local-hub.js';
import { resources } from '../support/resources.js';
import { nextTurn } from '../support/turns.js';
import { nextDatagram, openUdp } from '../support/udp-socket.js';
import { RandomBytes } from './random.js';

/** What strangers throw at the UDP listener. */

const LISTENER = 'coap:udp:default';
const LIMIT = 50;
const CONFIG = `
gateways:
  coap:
    keepalive: 0
    listeners:
      udp: { default: { bind: 127.0.0.1:0, max_connections: ${LIMIT}, max_conn_rate: 0, idle_timeout: 200ms } }
`;

/** CON GET /.well-known/core */
const DISCOVERY = Buffer.from('400112abbb2e77656c6c2d6b6e6f776e04636f7265', 'hex');

let hub: LocalHub;
before(async () => {
  hub = await LocalHub.start(CONFIG);
});
after(() => hub.stop());

function peer(): Promise<Socket> {
  return openUdp(hub.port(LISTENER));
}

async function assertStillServes(): Promise<void> {
  await eventually('there is room for a peer', () => hub.connections(LISTENER) < LIMIT);
  const socket = await peer();
  const answered = nextDatagram(socket);
  socket.send(DISCOVERY);
  assert.equal((await answered)[1], 0x45, 'answered 2.05');
  socket.close();
}

test('random datagrams, large and small, do no harm', async () => {
  const random = new RandomBytes(815);
  const socket = await peer();
  const before = hub.metric('bytes.received');
  let sent = 0;
  for (let i = 0; i < 500; i++) {
    const bytes = random.bytes(i % 10 === 0 ? 9000 : 60);
    sent += bytes.length;
    socket.send(bytes);
    await nextTurn();
  }
  await eventually('all were read', () => hub.metric('bytes.received') - before === sent);
  socket.close();
  await assertStillServes();
});

test('truncations of a valid request do no harm', async () => {
  const socket = await peer();
  const answers: Buffer[] = [];
  socket.on('message', (bytes) => answers.push(bytes));
  for (let length = 0; length <= DISCOVERY.length; length++) {
    const datagram = Buffer.from(DISCOVERY.subarray(0, length));
    // A message id of its own, or it would be taken for the repetition of a shorter one.
    if (length > 3) datagram[3] = length;
    socket.send(datagram);
  }
  await eventually('the whole request is answered', () => answers.some((bytes) => bytes[1] === 0x45));
  socket.close();
});

test('peers over the limit are dropped and counted; idle ones make room; nothing is kept', async () => {
  await eventually('all earlier peers are forgotten', () => hub.connections(LISTENER) === 0);
  const before = await resources();
  for (let round = 0; round < 10; round++) await crowd(LIMIT * 4);
  const after = await resources();
  assert.deepEqual(after.handles, before.handles);
  const grown = after.heap - before.heap;
  assert.ok(grown < 2_000_000, `the heap grew by ${grown} bytes`);
  await assertStillServes();
});

/** As many peers, each of which says something once. */
async function crowd(count: number): Promise<void> {
  const sum = () => Object.values(hub.refused(LISTENER)).reduce((total, number) => total + number, 0);
  const refusedBefore = sum();
  const peers = await Promise.all(Array.from({ length: count }, peer));
  for (const socket of peers) socket.send(Buffer.from('ff', 'hex'));
  await eventually('the surplus is refused', () => sum() - refusedBefore >= count - LIMIT);
  assert.ok(hub.connections(LISTENER) <= LIMIT);
  for (const socket of peers) socket.close();
  await eventually('all are forgotten', () => hub.connections(LISTENER) === 0);
}
