import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { FrameError } from '@portico/frame';
import { application, Device, loggedIn, WELCOME } from './testing.js';

test('messages on its downlink topic go to the device', async () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const device = await loggedIn(hub);
  app.publish('tcp/abcd/dn', 'on');
  app.publish('tcp/other/dn', 'off');
  assert.deepEqual(device.look(), ['DATATRANS 2 bytes 6f6e']);
});

test('with keepalive 0 a device may be silent for ever', async () => {
  const hub = new TestHub();
  const device = new Device(hub);
  await device.logsIn({ keepalive: 0 });
  hub.clock.advance(86_400_000);
  assert.equal(device.closed, undefined);
});

test('a device that is silent for 1.5 keepalive intervals is given up, any byte counts', async () => {
  const hub = new TestHub();
  const device = await loggedIn(hub);
  hub.clock.advance(89_000);
  device.peer.received();
  hub.clock.advance(89_990);
  assert.equal(device.closed, undefined);
  hub.clock.advance(20);
  assert.equal(device.closed, 'keepalive_timeout');
  assert.equal(hub.engine.sessions.size, 0);
});

test('data outlives the read buffer that it came in', async () => {
  const hub = new TestHub();
  const app = hub.client('application', { cleanStart: false, sessionExpiry: 3600 });
  app.subscribe('tcp/+/up');
  app.session.close('closed');
  const device = await loggedIn(hub);
  const chunk = Buffer.from('21.5');
  device.sends({ type: 'datatrans', payload: chunk });
  chunk.fill('x');
  const back = hub.client('application', { cleanStart: false, sessionExpiry: 3600 });
  assert.deepEqual(back.take(), ['tcp/abcd/up=21.5']);
});

test('PING is answered with PONG', async () => {
  const device = await loggedIn(new TestHub());
  device.sends({ type: 'ping' });
  assert.deepEqual(device.look(), ['PONG']);
});

test('data that the device may not publish is dropped and counted, the device goes on', async () => {
  const hub = new TestHub();
  hub.authorize('publish', 'deny');
  const device = await loggedIn(hub);
  device.sendsData('x');
  assert.equal(hub.metrics.get('messages.dropped.not_authorized'), 1);
  assert.equal(device.closed, undefined);
});

test('a publication that must wait holds back the next frame', async () => {
  const hub = new TestHub();
  const app = application(hub, 'tcp/+/up');
  hub.authorize('publish', Promise.resolve('allow'));
  const device = await loggedIn(hub);
  const pending = device.sendsData('x');
  assert.ok(pending instanceof Promise);
  await pending;
  assert.deepEqual(app.take(), ['tcp/abcd/up=x']);
});

test('a QoS 1 message counts as acknowledged once it is written', async () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const device = await loggedIn(hub, { max_inflight: 1 });
  for (const text of ['1', '2', '3']) app.publish('tcp/abcd/dn', text, 1);
  assert.equal(device.look().length, 3);
  assert.equal(hub.engine.sessions.get('abcd')?.statistics.inflight, 0);
  assert.equal(hub.metrics.get('messages.acked'), 3);
});

test('messages wait for a device that is away, where the configuration says so', async () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const config = { session_expiry_interval: '1h' };
  const device = await loggedIn(hub, config);
  device.channel.onClose('closed');
  app.publish('tcp/abcd/dn', 'on', 1);
  const again = new Device(hub, config);
  await again.logsIn();
  assert.deepEqual(again.look(), [WELCOME, 'DATATRANS 2 bytes 6f6e']);
});

test('what another protocol left to the client id is not taken up', async () => {
  const hub = new TestHub();
  const before = hub.client('abcd', { cleanStart: false, sessionExpiry: 3600 });
  before.subscribe('lamp', { qos: 2 });
  before.session.close('normal');
  const device = await loggedIn(hub, { session_expiry_interval: '1h' });
  hub.client('application').publish('lamp', 'on', 2);
  assert.deepEqual(device.look(), []);
  assert.equal(hub.metrics.get('session.discarded'), 1);
});

test('QoS 2 messages reach the device with QoS 1, also with upgrade_qos', async () => {
  const hub = new TestHub();
  const device = await loggedIn(hub, { upgrade_qos: true });
  hub.client('application').publish('tcp/abcd/dn', 'on', 2);
  assert.deepEqual(device.look(), ['DATATRANS 2 bytes 6f6e']);
  assert.equal(hub.engine.sessions.get('abcd')?.statistics.inflight, 0);
});

test('a message of more than 65,535 bytes is dropped and counted, the next one goes through', async () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const device = await loggedIn(hub);
  app.publish('tcp/abcd/dn', 'x'.repeat(65_536), 1);
  app.publish('tcp/abcd/dn', 'x'.repeat(65_535), 1);
  assert.deepEqual(
    device.look().map((line) => line.slice(0, 21)),
    ['DATATRANS 65535 bytes'],
  );
  assert.equal(hub.metrics.get('delivery.dropped.too_large'), 1);
  assert.equal(hub.engine.sessions.get('abcd')?.statistics.inflight, 0);
});

test('while the connection is full messages wait, then they go out in order', async () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const device = await loggedIn(hub);
  device.peer.writable = false;
  for (const text of ['1', '2', '3']) app.publish('tcp/abcd/dn', text, 1);
  assert.deepEqual(device.look(), []);
  device.peer.writable = true;
  device.channel.onWritable();
  assert.deepEqual(device.look(), ['DATATRANS 1 bytes 31', 'DATATRANS 1 bytes 32', 'DATATRANS 1 bytes 33']);
});

test('DISCONNECT closes normally', async () => {
  const hub = new TestHub();
  const reasons: string[] = [];
  hub.hooks.clientDisconnected.add('note', (_, _client, reason) => {
    reasons.push(reason);
  });
  const device = await loggedIn(hub);
  device.sends({ type: 'disconnect' });
  device.channel.onClose('normal');
  assert.equal(device.closed, 'normal');
  assert.deepEqual(reasons, ['normal']);
});

test('a second CONNECT and frames that only servers send close the connection', async () => {
  for (const [type, reason] of [
    ['connect', 'second_connect'],
    ['connack', 'server_frame'],
    ['pong', 'server_frame'],
  ] as const) {
    const hub = new TestHub();
    const device = await loggedIn(hub);
    if (type === 'connect') await device.logsIn();
    else if (type === 'connack') await device.sends({ type, code: 0, message: '' });
    else await device.sends({ type });
    assert.deepEqual(device.look(), []);
    assert.equal(device.closed, reason);
    assert.equal(hub.engine.sessions.size, 0);
  }
});

test('operators may subscribe a device to any topic', async () => {
  const hub = new TestHub();
  await loggedIn(hub);
  assert.equal(hub.engine.sessions.get('abcd')?.attachment?.handler.takesAnyTopic, true);
});

test('what operators have subscribed a device to is there still when it comes back', async () => {
  const hub = new TestHub();
  const config = { session_expiry_interval: '1h' };
  const device = await loggedIn(hub, config);
  await hub.engine.sessions.get('abcd')?.attachment?.subscribe('all', { qos: 1 });
  device.channel.onClose('closed');
  await loggedIn(hub, config);
  assert.deepEqual([...(hub.engine.sessions.get('abcd')?.subscriptions.keys() ?? [])].sort(), [
    'all',
    'tcp/abcd/dn',
  ]);
});

test('the keep alive of a device can be changed while it is connected', async () => {
  const hub = new TestHub();
  const device = await loggedIn(hub);
  assert.equal(hub.engine.setKeepalive('abcd', 0), 'ok');
  hub.clock.advance(3_600_000);
  assert.equal(device.closed, undefined);
  device.peer.received();
  hub.engine.setKeepalive('abcd', 10);
  hub.clock.advance(14_990);
  assert.equal(device.closed, undefined);
  hub.clock.advance(10);
  assert.equal(device.closed, 'keepalive_timeout');
});

test('a device that is kicked is disconnected', async () => {
  const hub = new TestHub();
  const device = await loggedIn(hub);
  hub.engine.kick('abcd');
  assert.equal(device.closed, 'kicked');
});

test('bytes that are no frame, and the end of the gateway, are answered by the close alone', async () => {
  const hub = new TestHub();
  const device = await loggedIn(hub);
  device.channel.onFrameError(new FrameError('unknown_type', 0, 'frame type 7 is reserved'));
  device.channel.onShutdown();
  assert.deepEqual(device.look(), []);
  device.channel.onClose('malformed_input');
  assert.equal(hub.engine.sessions.size, 0);
});
