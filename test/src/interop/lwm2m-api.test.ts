import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageType, Method, ResponseCode } from '@portico/codec-coap';
import { nextCoap, sendCoap, uriOptions } from '../support/coap-socket.js';
import { Portico } from '../support/portico.js';
import { openUdp } from '../support/udp-socket.js';

const SECRET = 'open sesame';
const AUTHORIZATION = `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`;

/** A hub that runs, asked over HTTP, with an LwM2M device that is registered. */
async function hubWithDevice() {
  const portico = await Portico.start({ env: { PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET } });
  const device = await openUdp(portico.port('lwm2m:udp:default'));
  sendCoap(device, {
    code: Method.POST,
    options: uriOptions(['rd'], ['ep=meter', 'lt=60', 'lwm2m=1.1', 'b=U']),
    payload: Buffer.from('</1/0>,</3/0>'),
  });
  assert.equal((await nextCoap(device)).code, ResponseCode.Created);
  const ask = async (path: string, body?: object) => {
    const url = `http://127.0.0.1:${portico.port('management:http')}/api/v4${path}`;
    const init = body && { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(url, { ...init, headers: { authorization: AUTHORIZATION } });
    // biome-ignore lint/suspicious/noExplicitAny: the test looks into it as it comes
    return { status: response.status, ...((await response.json()) as { code: number; data?: any }) };
  };
  const stop = async () => {
    device.close();
    await portico.stop();
  };
  return { device, ask, stop };
}

test('operators see LwM2M devices with their objects, commands on the way, and values', async () => {
  const { device, ask, stop } = await hubWithDevice();
  const [row] = (await ask('/lwm2m_channels')).data;
  assert.deepEqual([row.imei, row.lifetime, row.version, row.state], ['meter', 60, '1.1', 'registered']);
  const [shown] = (await ask('/lwm2m_channels/meter')).data;
  assert.deepEqual(shown.objectList, { '/1/0': 'LwM2M Server', '/3/0': 'Device' });

  const payload = JSON.stringify({ reqID: 7, msgType: 'read', data: { path: '/3/0/9' } });
  await ask('/mqtt/publish', { topic: 'lwm2m/meter/dn/x', clientid: 'backend', payload });
  const { messageId, token } = await nextCoap(device);
  const command = { reqID: 7, msgType: 'read', path: '/3/0/9' };
  const commands = async () => (await ask('/lwm2m_channels/meter/commands')).data;
  assert.deepEqual(await commands(), [{ ...command, state: 'sent' }]);
  const answer = { type: MessageType.ACK, code: ResponseCode.Content, messageId, token };
  sendCoap(device, { ...answer, payload: Buffer.from('42') });
  // The next answer tells that this one has been handled.
  sendCoap(device, { code: Method.GET, messageId: 2, options: uriOptions(['nothing']) });
  await nextCoap(device);
  const [{ path, value }] = (await ask('/lwm2m_channels/meter/values')).data;
  assert.deepEqual([path, value], ['/3/0/9', 42]);
  assert.deepEqual(await commands(), [{ ...command, state: 'done' }]);
  await stop();
});

test('a device that there is not gives 404 and code 112, on one node too', async () => {
  const { ask, stop } = await hubWithDevice();
  for (const path of ['', '/values', '/commands'].map((list) => `/lwm2m_channels/other${list}`)) {
    for (const scope of ['', '/nodes/portico@127.0.0.1']) {
      const { status, code } = await ask(`${scope}${path}`);
      assert.deepEqual([status, code], [404, 112], scope + path);
    }
  }
  await stop();
});
