import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import type { Credentials } from '@portico/core';
import { TestHub } from '@portico/core/testing';
import { application, Device, loggedIn, WELCOME } from './testing.js';

test('a device logs in and its data comes out on its uplink topic', async () => {
  const hub = new TestHub();
  const app = application(hub, 'tcp/+/up');
  const device = await loggedIn(hub);
  assert.equal(device.peer.clientId, 'abcd');
  assert.equal(device.sendsData('21.5'), undefined);
  device.sendsData('21.6');
  assert.deepEqual(app.take(), ['tcp/abcd/up=21.5', 'tcp/abcd/up=21.6']);
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
    assert.equal(hub.metrics.get('client.connect'), 0, 'the hub has not been asked');
  }
});

test('a device that comes back with another user name is sent what that name is sent, and nothing else', async () => {
  const hub = new TestHub();
  const config = { dn_topic: 'tcp/%u/dn', session_expiry_interval: '60s' };
  const first = new Device(hub, config);
  await first.logsIn({ username: 'ann' });
  first.channel.onClose('closed');
  const second = new Device(hub, config);
  await second.logsIn({ username: 'bob' });
  const app = hub.client('application');
  app.publish('tcp/ann/dn', 'ann');
  app.publish('tcp/bob/dn', 'bob');
  assert.deepEqual(second.look(), [WELCOME, 'DATATRANS 3 bytes 626f62']);
});

test('a device without a client id is refused, also where no topic has it', async () => {
  const device = new Device(new TestHub(), { up_topic: 'tcp/%u/up', dn_topic: 'tcp/%u/dn' });
  await device.logsIn({ clientId: '', username: 'ann' });
  assert.deepEqual(device.look(), ['CONNACK authFailed "the client id is missing"']);
  assert.equal(device.closed, 'clientid_invalid');
});

test('what a certificate proves stands above what the device says, or does not', async () => {
  for (const clientId of ['abcd', '']) {
    const hub = new TestHub();
    const app = application(hub, 'tcp/+/up');
    const device = new Device(hub, {}, { proven: { clientId: 'device-1', username: undefined } });
    await device.logsIn({ clientId });
    assert.deepEqual(device.look(), [WELCOME]);
    device.sendsData('21.5');
    assert.deepEqual(app.take(), ['tcp/device-1/up=21.5']);
  }
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
  hub.authorize('subscribe', 'deny');
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
      hub.authorize(
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

test('a device whose login takes longer to be checked than the idle timeout is let go', async () => {
  const hub = new TestHub();
  const answer = Promise.resolve({ answer: 'allow' } as const);
  hub.access.addAuthenticator({ name: 'test', authenticate: () => answer });
  const device = new Device(hub, { idle_timeout: '15s' });
  const login = device.logsIn();
  hub.clock.advance(15_010);
  await login;
  assert.deepEqual(device.look(), []);
  assert.equal(device.closed, 'idle_timeout');
  assert.equal(hub.engine.sessions.size, 0);
});

test('a device whose downlink topic takes longer to be allowed than the idle timeout is let go', async () => {
  const hub = new TestHub();
  hub.authorize('subscribe', Promise.resolve('allow'));
  const device = new Device(hub, { idle_timeout: '15s' });
  const connected = new Promise((resolve) => hub.hooks.clientConnected.add('test', resolve));
  const login = device.logsIn();
  await connected;
  hub.clock.advance(15_010);
  await login;
  assert.deepEqual(device.look(), []);
  assert.equal(device.closed, 'idle_timeout');
  assert.equal(hub.engine.sessions.size, 0);
});

test('with idle_timeout 0 a connection may wait for ever with its CONNECT', () => {
  const hub = new TestHub();
  const device = new Device(hub, { idle_timeout: 0 });
  hub.clock.advance(86_400_000);
  assert.equal(device.closed, undefined);
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
