import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { VirtualClock } from '@portico/core';
import { LocalHub } from '../support/local-hub.js';
import { patience } from '../support/patience.js';

test('a gateway makes itself known from the port of its listener, when it starts and then at intervals', async (t) => {
  const device = createSocket('udp4');
  t.after(() => device.close());
  device.bind(0, '127.0.0.1');
  await once(device, 'listening');
  const heard = async () => {
    const [datagram, from] = await once(device, 'message', { signal: patience() });
    return { hex: datagram.toString('hex'), port: from.port };
  };
  const clock = new VirtualClock();
  const mqttsn = {
    advertise_address: `127.0.0.1:${device.address().port}`,
    advertise_interval: '60s',
    listeners: { udp: { default: { bind: '127.0.0.1:0' } } },
  };
  const config = JSON.stringify({ gateways: { mqttsn } });
  const first = heard();
  const hub = await LocalHub.start(config, undefined, clock);
  const port = hub.port('mqttsn:udp:default');
  assert.deepEqual(await first, { hex: '050001003c', port });
  const second = heard();
  clock.advance(60_010);
  assert.deepEqual(await second, { hex: '050001003c', port });
  await hub.stop();
});
