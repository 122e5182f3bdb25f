import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMessage, MessageType } from '@portico/codec-coap';
import { localTimeText } from '@portico/core';
import { CommandTest } from './commands/testing/command-test.js';

async function shownTest(config: Record<string, unknown> = {}) {
  const names = new Map([
    [3, 'Device'],
    [5, 'Firmware Update'],
  ]);
  const it = new CommandTest(config, {
    names: (id, version) => (id === 3 && version === '1.1' ? 'Device 1.1' : names.get(id)),
  });
  await it.register('lt=60&lwm2m=1.1&b=U&Q', '</3>;ver=1.1,</3/0>,</5/0>,</31024/10>');
  return { it, now: () => localTimeText(new Date(it.it.hub.clock.now())) };
}

const shown = (it: CommandTest, list: string, clientId = 'dev1') => {
  const rows = it.it.gateway.lists?.[list]?.(clientId);
  return rows && JSON.parse(JSON.stringify([...rows.rows]));
};

test('devices are listed with the fields of EMQX, their objects by name, and more', async () => {
  const { it, now } = await shownTest();
  const row = {
    imei: 'dev1',
    lifetime: 60,
    ip_address: '192.0.2.7',
    port: it.peer.peer.info.peer.port,
    version: '1.1',
    objectList: {
      '/3': 'Device 1.1',
      '/3/0': 'Device 1.1',
      '/5/0': 'Firmware Update',
      '/31024/10': '/31024/10',
    },
    clientid: 'dev1',
    listener: 'lwm2m:udp:default',
    binding: 'U',
    queue_mode: true,
    state: 'registered',
    updated_at: now(),
  };
  assert.deepEqual(shown(it, 'list_lwm2m_channels'), [row]);
  it.it.wait(22_000);
  assert.deepEqual(shown(it, 'lookup_lwm2m_channel'), [{ ...row, state: 'asleep' }]);
});

test('values are those that a device told last, if they are short', async () => {
  const { it, now } = await shownTest();
  const told = (path: string, format: number, hex: string) => {
    it.command({ reqID: 1, msgType: 'read', data: { path } });
    it.responds(it.request(), '2.05', { format, hex });
  };
  const before = now();
  told('/3/0/0', 0, Buffer.from('Acme').toString('hex'));
  told('/3/0/1', 0, Buffer.from('x'.repeat(257)).toString('hex'));
  // Integers: 100, and one that a number does not hold.
  told('/3/0/9', 0, Buffer.from('100').toString('hex'));
  told('/3/0/13', 0, Buffer.from('9223372036854775807').toString('hex'));
  told('/31024/10/0', 42, '0001ff');
  it.it.wait(5000);
  told('/3/0/0', 0, Buffer.from('Acme 2').toString('hex'));
  assert.deepEqual(shown(it, 'list_lwm2m_values'), [
    { path: '/3/0/9', value: 100, told_at: before },
    { path: '/3/0/13', value: '9223372036854775807', told_at: before },
    { path: '/31024/10/0', value: 'AAH/', told_at: before },
    { path: '/3/0/0', value: 'Acme 2', told_at: now() },
  ]);
});

test('of very many values the latest are remembered', async () => {
  const { it } = await shownTest();
  for (let id = 0; id < 70; id++) {
    it.command({ reqID: 1, msgType: 'read', data: { path: `/31024/10/${id}` } });
    it.responds(it.request(), '2.05', { format: 42, hex: '01' });
  }
  const paths = shown(it, 'list_lwm2m_values').map(({ path }: { path: string }) => path);
  assert.deepEqual([paths.length, paths[0], paths.at(-1)], [64, '/31024/10/6', '/31024/10/69']);
});

test('commands are shown as they wait, are sent and are over', async () => {
  const { it } = await shownTest();
  it.command('{"reqID":9223372036854775807,"msgType":"read","data":{"path":"/3/0/9"}}');
  it.command({ msgType: 'read-composite', data: { paths: ['/3/0/0', '/3/0/1'] } });
  const read = { reqID: '9223372036854775807', msgType: 'read', path: '/3/0/9' };
  const composite = { msgType: 'read-composite', path: ['/3/0/0', '/3/0/1'] };
  const commands = () => shown(it, 'list_lwm2m_commands');
  assert.deepEqual(commands(), [
    { ...read, state: 'sent' },
    { ...composite, state: 'queued' },
  ]);
  it.responds(it.request(), '2.05', { format: 0, hex: '31' });
  assert.deepEqual(commands(), [
    { ...read, state: 'done' },
    { ...composite, state: 'sent' },
  ]);
  it.responds(it.request(), '4.05');
  assert.deepEqual(commands(), [
    { ...read, state: 'done' },
    { ...composite, state: 'done' },
  ]);
});

const read = (it: CommandTest, reqID: number) =>
  it.command({ reqID, msgType: 'read', data: { path: '/3/0/9' } });

test('a command without an answer is a timeout, and done when that comes late', async () => {
  const it = new CommandTest({ command_expiry: '60s' });
  await it.register('lt=3600&lwm2m=1.1&b=U&Q');
  read(it, 1);
  const request = it.request();
  it.it.wait(100_000);
  read(it, 2);
  it.it.wait(60_000);
  assert.deepEqual(it.states(['timeout']), ['timeout 1', 'timeout 2'], 'unanswered, and expired asleep');
  it.responds(request, '2.05', { type: MessageType.NON, format: 0, hex: '31' });
  assert.deepEqual(it.states(['timeout', 'done']), ['timeout 2', 'done 1']);
});

test('a command that the device rejects, or is not there for any more, has failed', async () => {
  const { it } = await shownTest();
  read(it, 1);
  it.peer.sends(emptyMessage(MessageType.RST, it.request().messageId));
  read(it, 2);
  it.request();
  await it.register('lt=60&lwm2m=1.1&b=U&Q', '</9/0>');
  assert.deepEqual(it.states(['failed']), ['failed 1', 'failed 2']);
});

test('what was on its way when the hub fell is a timeout', async () => {
  const { it } = await shownTest();
  read(it, 1);
  it.request();
  const after = await it.restarts('stops');
  assert.deepEqual(after.states(['timeout']), ['timeout 1']);
});

test('of very many commands the last ones are remembered, and of their paths the first', async () => {
  const { it } = await shownTest();
  const paths = Array.from({ length: 20 }, (_, id) => `/3/0/${id}`);
  for (let reqID = 1; reqID <= 10; reqID++) {
    it.command({ reqID, msgType: 'read-composite', data: { paths } });
    it.responds(it.request(), '4.05');
  }
  const commands: { reqID: number; path: string[] }[] = shown(it, 'list_lwm2m_commands');
  assert.deepEqual(
    commands.map(({ reqID }) => reqID),
    [3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.deepEqual(commands[0]?.path, paths.slice(0, 16));
});

test('who is not registered has no lists', async () => {
  const { it } = await shownTest();
  for (const list of ['lookup_lwm2m_channel', 'list_lwm2m_values', 'list_lwm2m_commands']) {
    assert.equal(shown(it, list, 'nobody'), undefined);
  }
});
