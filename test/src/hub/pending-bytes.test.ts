import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { encodeToBuffer } from '@portico/codec-mqtt';
import mqtt from 'mqtt';
import { FREE_PORTS } from '../support/configuration.js';
import { LocalHub } from '../support/local-hub.js';

const MEBIBYTE = 1024 * 1024;
const SUBSCRIBERS = 8;

/** A client that subscribes to `flood` and then reads nothing. */
async function stuckSubscriber(port: number, clientId: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const options = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  const hello = { type: 'connect', protocolVersion: 4, cleanStart: true, keepAlive: 0, clientId } as const;
  socket.write(encodeToBuffer(hello, 4));
  const subscriptions = [{ filter: 'flood', qos: 0, ...options }] as const;
  socket.write(encodeToBuffer({ type: 'subscribe', packetId: 1, subscriptions }, 4));
  for (let received = 0; received < 9; ) received += (await once(socket, 'data'))[0].length;
  socket.pause();
  return socket;
}

test('what waits for many slow clients is bounded by max_pending_bytes; the rest queues, drops and is counted', async () => {
  const config = `broker: { max_pending_bytes: 1MB, slow_consumer_grace: 0 }\n${FREE_PORTS}`;
  const local = await LocalHub.start(config);
  const port = local.port('mqtt:tcp:default');
  const stuck: Socket[] = [];
  for (let i = 0; i < SUBSCRIBERS; i++) stuck.push(await stuckSubscriber(port, `stuck-${i}`));
  const publisher = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
  const payload = Buffer.alloc(64 * 1024);
  while (local.metric('delivery.dropped') < 100) await publisher.publishAsync('flood', payload, { qos: 1 });

  const pending = [...local.hub.metrics.gauges()].find(({ name }) => name === 'bytes.pending');
  assert.ok(pending);
  assert.ok(pending.max > MEBIBYTE, `${pending.max} bytes waited`);
  assert.ok(pending.max < 3 * MEBIBYTE, `${pending.max} bytes waited`);
  assert.equal(local.metric('bytes.pending.exceeded'), 1);
  assert.equal(local.metric('delivery.dropped.qos0_msg'), local.metric('delivery.dropped'));
  for (const socket of stuck) socket.destroy();
  await publisher.endAsync();
  await local.stop();
  assert.equal(pending.value, 0);
});
