import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { type ConnectFrame, describe, type Frame } from '@portico/codec-tcp';
import type { AuthorizationAnswer, Channel, Credentials, MaybePromise } from '@portico/core';
import { type RecordingPeer, TestHub } from '@portico/core/testing';
import { FrameError } from '@portico/frame';
import { tcpConfig } from './config.js';
import { tcpGateway } from './gateway.js';

const WELCOME = 'CONNACK successful "Connect Successfully"';

/** A device without a socket: a channel that talks to a recording peer and to a real engine. */
class Device {
  readonly peer: RecordingPeer<Frame>;
  readonly channel: Channel<Frame>;

  constructor(hub: TestHub, config: Record<string, unknown> = {}) {
    this.peer = hub.peer<Frame>('tcp', { peer: { host: '192.0.2.7', port: 50123 } });
    const gateway = tcpGateway.create(hub.context('tcp'), tcpConfig.parse(config));
    this.channel = gateway.createChannel(this.peer);
    this.peer.attach(this.channel);
  }

  sends(frame: Frame): MaybePromise<void> {
    this.peer.received();
    return this.channel.onFrame(frame);
  }

  /** Sends a CONNECT of client `abcd`, keepalive 60, unless told otherwise. */
  async logsIn(fields: Partial<ConnectFrame> = {}): Promise<void> {
    const names = { clientId: 'abcd', username: undefined, password: undefined };
    await this.sends({ type: 'connect', version: 1, keepalive: 60, ...names, ...fields });
  }

  sendsData(text: string): MaybePromise<void> {
    return this.sends({ type: 'datatrans', payload: Buffer.from(text) });
  }

  /** What was sent to the device since the last look, a line for each frame. */
  look(): string[] {
    return this.peer.take().map(describe);
  }

  get closed(): string | undefined {
    return this.peer.closed;
  }
}

async function loggedIn(hub: TestHub, config: Record<string, unknown> = {}): Promise<Device> {
  const device = new Device(hub, config);
  await device.logsIn();
  assert.deepEqual(device.look(), [WELCOME]);
  return device;
}

/** An application that is subscribed to `filter`. */
function application(hub: TestHub, filter: string) {
  const client = hub.client('application');
  client.subscribe(filter, { qos: 2 });
  return client;
}

/** Answers every question about publishing or about subscribing. */
function authorize(
  hub: TestHub,
  action: 'publish' | 'subscribe',
  answer: MaybePromise<AuthorizationAnswer>,
): void {
  hub.access.addAuthorizer({ name: 'test', authorize: (_, asked) => (asked === action ? answer : 'ignore') });
}

test('a device logs in and its data comes out on its uplink topic', async () => {
  const hub = new TestHub();
  const app = application(hub, 'tcp/+/up');
  const device = await loggedIn(hub);
  assert.equal(device.peer.clientId, 'abcd');
  assert.equal(device.sendsData('21.5'), undefined);
  device.sendsData('21.6');
  assert.deepEqual(app.take(), ['tcp/abcd/up=21.5', 'tcp/abcd/up=21.6']);
});

test('messages on its downlink topic go to the device', async () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const device = await loggedIn(hub);
  app.publish('tcp/abcd/dn', 'on');
  app.publish('tcp/other/dn', 'off');
  assert.deepEqual(device.look(), ['DATATRANS 2 bytes 6f6e']);
});

test('no message is missed once the device has its CONNACK, and none comes before it', async () => {
  const hub = new TestHub();
  const app = hub.client('application');
  app.publish('tcp/abcd/dn', 'kept', 0, true);
  hub.hooks.sessionSubscribed.add('publish', () => {
    app.publish('tcp/abcd/dn', 'now');
  });
  const device = new Device(hub);
  await device.logsIn();
  await hub.nextTurn();
  assert.deepEqual(device.look(), [WELCOME, 'DATATRANS 3 bytes 6e6f77', 'DATATRANS 4 bytes 6b657074']);
});

test('the hub is told who comes', async () => {
  const hub = new TestHub();
  const shown: Credentials[] = [];
  hub.access.addAuthenticator({
    name: 'test',
    authenticate: (credentials) => {
      shown.push(credentials);
      return { answer: 'allow' };
    },
  });
  const device = new Device(hub, { mountpoint: 'site/%u/', session_expiry_interval: '90s' });
  await device.logsIn({ username: 'ann', password: Buffer.from('secret'), keepalive: 255 });
  assert.equal(shown[0]?.username, 'ann');
  assert.equal(shown[0].password?.toString(), 'secret');
  const client = hub.engine.sessions.get('abcd')?.client;
  assert.equal(client?.protocol, 'TCP');
  assert.equal(client.protocolVersion, 1);
  assert.equal(client.mountpoint, 'site/ann/');
  assert.equal(client.keepalive, 255);
  assert.equal(client.sessionExpiry, 90);
  assert.equal(client.cleanStart, false);
});

test('topics are made of client id, username and address', async () => {
  const hub = new TestHub();
  const app = application(hub, '#');
  const device = new Device(hub, { up_topic: 'up/%u/%c', up_qos: 1, dn_topic: 'dn/%a/+' });
  await device.logsIn({ username: 'ann' });
  device.sendsData('x');
  app.publish('dn/192.0.2.7/lamp', 'y');
  assert.deepEqual(app.received.map(({ topic, qos }) => [topic, qos])[0], ['up/ann/abcd', 1]);
  assert.deepEqual(device.look(), [WELCOME, 'DATATRANS 1 bytes 79']);
});

test('another version of the protocol is answered with ILLEGALVER', async () => {
  const device = new Device(new TestHub());
  await device.logsIn({ version: 2, clientId: '' });
  assert.deepEqual(device.look(), ['CONNACK illegalVersion "version 2 is not supported"']);
  assert.equal(device.closed, 'unsupported_version');
});

test('names that cannot stand in a topic are refused, saying why', async () => {
  for (const [fields, message] of [
    [{ clientId: 'a/b', username: 'ann' }, 'the client id contains "/"'],
    [{ clientId: 'a+', username: 'ann' }, 'the client id contains "+"'],
    [{ username: '#' }, 'the username contains "#"'],
    [{ username: undefined }, 'the username is missing'],
  ] as const) {
    const hub = new TestHub();
    const device = new Device(hub, { dn_topic: 'tcp/%u/%c/dn' });
    await device.logsIn(fields);
    assert.deepEqual(device.look(), [`CONNACK authFailed ${JSON.stringify(message)}`]);
    assert.equal(device.closed, 'clientid_invalid');
    assert.equal(hub.engine.sessions.size, 0);
  }
});

test('a device without a client id is refused, also where no topic has it', async () => {
  const device = new Device(new TestHub(), { up_topic: 'tcp/%u/up', dn_topic: 'tcp/%u/dn' });
  await device.logsIn({ clientId: '', username: 'ann' });
  assert.deepEqual(device.look(), ['CONNACK authFailed "the client id is missing"']);
  assert.equal(device.closed, 'clientid_invalid');
});

test('wrong credentials are answered with AUTHFAILED and the reason', async () => {
  const hub = new TestHub();
  const deny = { answer: 'deny', refusal: 'bad_credentials' } as const;
  hub.access.addAuthenticator({ name: 'test', authenticate: () => deny });
  const device = new Device(hub);
  await device.logsIn();
  assert.deepEqual(device.look(), ['CONNACK authFailed "bad credentials"']);
  assert.equal(device.closed, 'bad_credentials');
});

test('a device that may not have its downlink topic is refused', async () => {
  const hub = new TestHub();
  authorize(hub, 'subscribe', 'deny');
  const device = new Device(hub);
  await device.logsIn();
  assert.deepEqual(device.look(), ['CONNACK authFailed "not authorized"']);
  assert.equal(device.closed, 'not_authorized');
  assert.equal(hub.engine.sessions.size, 0);
});

test('a connection that goes while its login is checked leaves nothing behind', async () => {
  for (const slow of ['authentication', 'authorization']) {
    const hub = new TestHub();
    const source = new EventEmitter();
    const answered = once(source, 'answer');
    if (slow === 'authorization')
      authorize(
        hub,
        'subscribe',
        answered.then(() => 'allow'),
      );
    else {
      const authenticate = () => answered.then(() => ({ answer: 'allow' as const }));
      hub.access.addAuthenticator({ name: 'test', authenticate });
    }
    const device = new Device(hub);
    const login = device.logsIn();
    await hub.nextTurn();
    device.channel.onClose('closed');
    source.emit('answer');
    await login;
    assert.deepEqual(device.look(), []);
    assert.equal(hub.engine.sessions.size, 0);
  }
});

test('before the login anything but CONNECT closes without an answer', () => {
  for (const type of ['ping', 'pong', 'disconnect'] as const) {
    const device = new Device(new TestHub());
    device.sends({ type });
    assert.deepEqual(device.look(), []);
    assert.equal(device.closed, 'connect_expected');
  }
});

test('a connection without a CONNECT is closed after idle_timeout, whatever arrives', () => {
  const hub = new TestHub();
  const device = new Device(hub);
  hub.clock.advance(14_990);
  device.peer.received();
  assert.equal(device.closed, undefined);
  hub.clock.advance(20);
  assert.equal(device.closed, 'idle_timeout');
});

test('idle_timeout does not count the time that a login takes to be checked', async () => {
  const hub = new TestHub();
  const answer = Promise.resolve({ answer: 'allow' } as const);
  hub.access.addAuthenticator({ name: 'test', authenticate: () => answer });
  const device = new Device(hub);
  const login = device.logsIn();
  hub.clock.advance(60_000);
  await login;
  assert.deepEqual(device.look(), [WELCOME]);
});

test('with idle_timeout 0 a connection may wait for ever with its CONNECT', () => {
  const hub = new TestHub();
  const device = new Device(hub, { idle_timeout: 0 });
  hub.clock.advance(86_400_000);
  assert.equal(device.closed, undefined);
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
  authorize(hub, 'publish', 'deny');
  const device = await loggedIn(hub);
  device.sendsData('x');
  assert.equal(hub.metrics.get('messages.dropped.not_authorized'), 1);
  assert.equal(device.closed, undefined);
});

test('a publication that must wait holds back the next frame', async () => {
  const hub = new TestHub();
  const app = application(hub, 'tcp/+/up');
  authorize(hub, 'publish', Promise.resolve('allow'));
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

test('QoS 2 subscriptions that another protocol left to the client id are served', async () => {
  const hub = new TestHub();
  const before = hub.client('abcd', { cleanStart: false, sessionExpiry: 3600 });
  before.subscribe('lamp', { qos: 2 });
  before.session.close('normal');
  const device = await loggedIn(hub, { session_expiry_interval: '1h' });
  hub.client('application').publish('lamp', 'on', 2);
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

test('a second login with the client id ends the first connection, the second one works', async () => {
  const hub = new TestHub();
  const app = hub.client('application');
  const first = await loggedIn(hub);
  const second = await loggedIn(hub);
  assert.equal(first.closed, 'taken_over');
  first.channel.onClose('taken_over');
  app.publish('tcp/abcd/dn', 'on');
  assert.deepEqual(first.look(), []);
  assert.deepEqual(second.look(), ['DATATRANS 2 bytes 6f6e']);
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
