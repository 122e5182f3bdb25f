import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { LocalHub } from '../support/local-hub.js';
import { nextTurn } from '../support/turns.js';

const LOGIN = Buffer.from('100d00044d51545404020000000161', 'hex');
const PINGS = Buffer.from('c000'.repeat(32 * 1024), 'hex');

/** Turns of the event loop in which nothing moves after which nothing will. */
const STILL = 200;

/** Writes until the server reads no more. @returns bytes written */
async function flood(socket: Socket, bytes: Buffer): Promise<number> {
  let written = 0;
  for (let turns = 0; turns < STILL; turns++) {
    if (socket.writableLength === 0) {
      socket.write(bytes);
      written += bytes.length;
      turns = 0;
    }
    await nextTurn();
  }
  return written;
}

test('a client that asks without end and never reads the answers is not read from, until it reads', async () => {
  const local = await LocalHub.start();
  const socket = connect(local.port('mqtt:tcp:default'), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(LOGIN);
  socket.pause();
  const written = await flood(socket, PINGS);
  const pending = [...local.hub.metrics.gauges()].find(({ name }) => name === 'bytes.pending');
  assert.ok(pending);
  assert.ok(pending.max >= 2 * 1024 * 1024, `${pending.max} bytes waited`);
  assert.ok(pending.max < 3 * 1024 * 1024, `${pending.max} bytes waited`);
  let received = -4;
  socket.on('data', (answers: Buffer) => (received += answers.length));
  socket.resume();
  while (received < written) await once(socket, 'data');
  assert.equal(received, written);
  socket.destroy();
  await local.stop();
  assert.equal(pending.value, 0);
});
