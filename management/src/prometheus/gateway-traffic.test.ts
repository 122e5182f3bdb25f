import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../turns.js';
import { GatewayTraffic } from './gateway-traffic.js';

const carried = (n: number) => ({
  bytesReceived: n,
  bytesSent: 10 * n,
  framesReceived: 100 * n,
  framesSent: 1000 * n,
});

function gatewayWith(past: number, ...present: readonly number[]) {
  const traffic = { past: carried(past), present: present.map(carried) };
  return { definition: {}, instances: [], traffic, endings: new Map() };
}

test('what connections of a gateway have carried is told, of those that are there and that were', async () => {
  const gateways = new Map([
    ['mqtt', gatewayWith(1, 2, 3)],
    ['coap', gatewayWith(0)],
  ]);
  const clients = new Map([['mqtt', { connected: 1, away: 0, received: 7, sent: 8 }]]);
  const text = (await new GatewayTraffic().texts({ gateways }, clients, new Turns())).join('');
  for (const line of [
    'portico_gateway_bytes_received_total{gateway="mqtt"} 6',
    'portico_gateway_bytes_sent_total{gateway="mqtt"} 60',
    'portico_gateway_frames_received_total{gateway="mqtt"} 600',
    'portico_gateway_frames_sent_total{gateway="mqtt"} 6000',
    'portico_gateway_bytes_sent_total{gateway="coap"} 0',
    'portico_gateway_messages_received_total{gateway="mqtt"} 7',
    'portico_gateway_messages_sent_total{gateway="mqtt"} 8',
    'portico_gateway_messages_sent_total{gateway="coap"} 0',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
});

test('a connection that goes while others are looked at is told once, and no counter goes down', async () => {
  const traffic = new GatewayTraffic();
  const received = async (gateway: ReturnType<typeof gatewayWith>) => {
    const gateways = new Map([['mqtt', gateway]]);
    const [text = ''] = await traffic.texts({ gateways }, new Map(), new Turns());
    return Number(text.trimEnd().split(' ').at(-1));
  };
  assert.equal(await received(gatewayWith(0, 5)), 5);
  assert.equal(await received(gatewayWith(0)), 5);
  assert.equal(await received(gatewayWith(5, 1)), 6);
});
