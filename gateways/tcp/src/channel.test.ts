import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '@portico/codec-tcp';
import { FrameError } from '@portico/frame';
import { TestDevice } from './testing.js';

const WELCOME = '> CONNACK successful "Connect Successfully"';

async function loggedIn(...args: ConstructorParameters<typeof TestDevice>): Promise<TestDevice> {
  const device = new TestDevice(...args);
  await device.logsIn();
  device.look();
  return device;
}

function data(text: string): Frame {
  return { type: 'datatrans', payload: Buffer.from(text) };
}

test('login: the downlink topic is subscribed before the CONNACK, deliveries flow after it', async () => {
  const device = new TestDevice();
  await device.logsIn();
  assert.deepEqual(device.look(), ['subscribe tcp/abcd/dn qos 1', WELCOME, 'deliveries flow']);
});

test('login: the hub is told who comes', async () => {
  const device = new TestDevice({ mountpoint: 'site1/', session_expiry_interval: '90s' });
  const password = Buffer.from('secret');
  await device.logsIn({ username: 'ann', password, keepalive: 255 });
  const { request } = device;
  assert.equal(request?.clientId, 'abcd');
  assert.equal(request.username, 'ann');
  assert.equal(request.password, password);
  assert.equal(request.protocol, 'TCP');
  assert.equal(request.protocolVersion, 1);
  assert.equal(request.mountpoint, 'site1/');
  assert.equal(request.keepalive, 255);
  assert.equal(request.sessionExpiry, 90);
  assert.equal(request.cleanStart, false);
  assert.equal(request.options.maxInflight, 32);
});

test('login: without session_expiry_interval every login starts afresh', async () => {
  const { request } = await loggedIn();
  assert.equal(request?.sessionExpiry, 0);
  assert.equal(request.cleanStart, true);
});

test('login: topics are made of client id, username and address', async () => {
  const device = new TestDevice({ up_topic: 'up/%u/%c', dn_topic: 'dn/%a/+', up_qos: 1, dn_qos: 0 });
  await device.logsIn({ username: 'ann' });
  await device.sends(data('x'));
  assert.deepEqual(device.look(), [
    'subscribe dn/192.0.2.7/+ qos 0',
    WELCOME,
    'deliveries flow',
    'publish up/ann/abcd x qos 1 retain false owned false',
  ]);
});

test('login: another version is answered with ILLEGALVER, the hub is not asked', async () => {
  const device = new TestDevice();
  await device.logsIn({ version: 2, clientId: '' });
  assert.equal(device.request, undefined);
  assert.deepEqual(device.look(), [
    '> CONNACK illegalVersion "version 2 is not supported"',
    'connection closed: unsupported_version',
  ]);
});

test('login: without a client id it is refused, the hub is not asked', async () => {
  const device = new TestDevice({ up_topic: 'up/%u', dn_topic: 'dn/%u' });
  await device.logsIn({ clientId: '', username: 'ann' });
  assert.equal(device.request, undefined);
  assert.deepEqual(device.look(), [
    '> CONNACK authFailed "the client id is missing"',
    'connection closed: clientid_invalid',
  ]);
});

test('login: names that would leave the device’s own topics are refused', async () => {
  for (const [fields, message] of [
    [{ clientId: 'a/b' }, 'the client id contains "/"'],
    [{ clientId: 'a+' }, 'the client id contains "+"'],
    [{ clientId: 'abcd', username: '#' }, 'the username contains "#"'],
    [{ clientId: 'abcd' }, 'the username is missing'],
  ] as const) {
    const device = new TestDevice({ dn_topic: 'tcp/%u/%c/dn' });
    await device.logsIn(fields);
    assert.deepEqual(device.look(), [
      `> CONNACK authFailed ${JSON.stringify(message)}`,
      'session closed: clientid_invalid',
      'connection closed: clientid_invalid',
    ]);
  }
});

test('login: the hub’s refusal is passed on as AUTHFAILED with the reason', async () => {
  const device = new TestDevice({}, { connect: () => ({ ok: false, refusal: 'bad_credentials' }) });
  await device.logsIn();
  assert.deepEqual(device.look(), [
    '> CONNACK authFailed "bad credentials"',
    'connection closed: bad_credentials',
  ]);
});

test('login: a device that may not have its downlink topic is refused', async () => {
  const device = new TestDevice({}, { subscribe: () => ({ ok: false, refusal: 'not_authorized' }) });
  await device.logsIn();
  assert.deepEqual(device.look(), [
    'subscribe tcp/abcd/dn qos 1',
    '> CONNACK authFailed "not authorized"',
    'session closed: not_authorized',
    'connection closed: not_authorized',
  ]);
});

test('login: the session is closed when the connection went while the hub was asked', async () => {
  const device = new TestDevice({}, { connect: (agreed) => Promise.resolve(agreed) });
  const login = device.logsIn();
  device.channel.onClose('closed');
  await login;
  assert.deepEqual(device.look(), ['session closed: closed']);
});

test('login: nothing is answered when the connection went during the subscription', async () => {
  const device = new TestDevice({}, { subscribe: (agreed) => Promise.resolve(agreed) });
  const login = device.logsIn();
  await Promise.resolve();
  assert.deepEqual(device.look(), ['subscribe tcp/abcd/dn qos 1']);
  device.channel.onClose('closed');
  await login;
  assert.deepEqual(device.look(), ['session closed: closed']);
});

test('before the login anything but CONNECT closes without an answer', () => {
  for (const type of ['ping', 'pong', 'disconnect'] as const) {
    const device = new TestDevice();
    device.sends({ type });
    assert.deepEqual(device.look(), ['connection closed: connect_expected']);
  }
});

test('a connection without a CONNECT is closed after idle_timeout, whatever arrives', () => {
  const device = new TestDevice();
  device.clock.advance(14_990);
  device.lastReceived = device.clock.monotonic();
  assert.deepEqual(device.look(), []);
  device.clock.advance(20);
  assert.deepEqual(device.look(), ['connection closed: idle_timeout']);
});

test('idle_timeout 0 waits for ever, and a login ends the wait', async () => {
  const patient = new TestDevice({ idle_timeout: 0 });
  patient.clock.advance(86_400_000);
  assert.deepEqual(patient.look(), []);
  const device = new TestDevice();
  await device.logsIn({ keepalive: 0 });
  device.look();
  device.clock.advance(86_400_000);
  assert.deepEqual(device.look(), []);
});

test('each DATATRANS is published on the uplink topic, its payload borrowed', async () => {
  const device = await loggedIn();
  assert.equal(device.sends(data('21.5')), undefined);
  device.sends(data('21.6'));
  assert.deepEqual(device.look(), [
    'publish tcp/abcd/up 21.5 qos 0 retain false owned false',
    'publish tcp/abcd/up 21.6 qos 0 retain false owned false',
  ]);
});

test('a refused publication is dropped by the hub, the device goes on', async () => {
  const device = await loggedIn({}, { publish: () => 'not_authorized' });
  device.sends(data('x'));
  device.sends({ type: 'ping' });
  assert.deepEqual(device.look().slice(1), ['> PONG']);
});

test('a publication that waits holds back the next frame', async () => {
  const device = await loggedIn({}, { publish: () => Promise.resolve('ok') });
  assert.ok(device.sends(data('x')) instanceof Promise);
});

test('messages go down as DATATRANS; written counts as acknowledged', async () => {
  const device = await loggedIn();
  assert.equal(device.isSent(Buffer.from('off'), 0), true);
  assert.equal(device.isSent(Buffer.from('on'), 1, 7), true);
  assert.equal(device.isSent(Buffer.from('on'), 2, 8), true);
  device.request?.handler.release(8);
  assert.deepEqual(device.look(), [
    '> DATATRANS 3 bytes 6f6666',
    '> DATATRANS 2 bytes 6f6e',
    'acked 7',
    '> DATATRANS 2 bytes 6f6e',
    'received 8',
    'completed 8',
  ]);
});

test('a message of more than 65,535 bytes can never be sent', async () => {
  const device = await loggedIn();
  assert.equal(device.isSent(Buffer.alloc(65_536), 1, 1), false);
  assert.deepEqual(device.look(), []);
  assert.equal(device.isSent(Buffer.alloc(65_535)), true);
});

test('while the connection is full messages wait, then they flow again', async () => {
  const device = await loggedIn();
  device.writable = false;
  assert.equal(device.request?.handler.writable, false);
  device.writable = true;
  device.channel.onWritable();
  assert.equal(device.request.handler.writable, true);
  assert.deepEqual(device.look(), ['deliveries flow']);
});

test('PING is answered with PONG', async () => {
  const device = await loggedIn();
  device.sends({ type: 'ping' });
  assert.deepEqual(device.look(), ['> PONG']);
});

test('a device that is silent for 1.5 keepalive intervals is given up, any byte counts', async () => {
  const device = await loggedIn();
  device.clock.advance(89_000);
  device.lastReceived = device.clock.monotonic();
  device.clock.advance(89_990);
  assert.deepEqual(device.look(), []);
  device.clock.advance(20);
  assert.deepEqual(device.look(), [
    'session closed: keepalive_timeout',
    'connection closed: keepalive_timeout',
  ]);
});

test('DISCONNECT closes normally', async () => {
  const device = await loggedIn();
  device.sends({ type: 'disconnect' });
  device.channel.onClose('normal');
  assert.deepEqual(device.look(), ['session closed: normal', 'connection closed: normal']);
});

test('a second CONNECT and frames that only servers send close the connection', async () => {
  const wrong: [Frame, string][] = [
    [{ type: 'pong' }, 'server_frame'],
    [{ type: 'connack', code: 0, message: '' }, 'server_frame'],
    [
      { type: 'connect', version: 1, keepalive: 0, clientId: 'b', username: undefined, password: undefined },
      'second_connect',
    ],
  ];
  for (const [frame, reason] of wrong) {
    const device = await loggedIn();
    device.sends(frame);
    assert.deepEqual(device.look(), [`session closed: ${reason}`, `connection closed: ${reason}`]);
  }
});

test('a session that is taken over closes the connection', async () => {
  for (const reason of ['taken_over', 'kicked', 'server_shutdown', 'not_authorized'] as const) {
    const device = await loggedIn();
    device.request?.handler.detached(reason);
    device.channel.onClose(reason);
    assert.deepEqual(device.look(), [`connection closed: ${reason}`]);
  }
});

test('bytes that are no frame, and the end of the gateway, are answered by the close alone', async () => {
  const device = await loggedIn();
  device.channel.onFrameError(new FrameError('unknown_type', 0, 'frame type 7 is reserved'));
  device.channel.onShutdown();
  assert.deepEqual(device.look(), []);
  device.channel.onClose('malformed_input');
  assert.deepEqual(device.look(), ['session closed: malformed_input']);
});
