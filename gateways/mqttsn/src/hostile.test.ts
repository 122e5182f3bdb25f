import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnMessage } from '@portico/codec-mqtt-sn';
import { FrameError } from '@portico/frame';
import { snCodec } from './codec.js';
import { bytesOf, type ConnectFields, SnTest } from './testing.js';

/** Messages of a client that believes to be connected. */
const OF_A_CLIENT = [
  '09 0c 20 0001 0002 7131',
  '07 0a 0000 0001 61',
  '06 12 20 0007 74',
  '06 14 00 0007 74',
  '07 0d 0001 0002 00',
  '04 0f 0002',
  '04 10 0002',
  '04 0e 0002',
  '07 0b 0001 0002 00',
  '04 1a 00 61',
  '03 1c 61',
  '04 07 00 61',
  '03 09 61',
  '02 16',
  '05 16 736e41',
];

function octets(messages: readonly SnMessage[]): number {
  return messages.reduce((sum, message) => sum + bytesOf(message).length, 0);
}

test('who has not connected is told so, in fewer octets than it sent', async () => {
  const it = new SnTest();
  for (const hex of OF_A_CLIENT) {
    const device = it.device();
    await device.receives(hex);
    assert.deepEqual(device.look(), ['DISCONNECT'], hex);
    assert.ok(device.received >= 2);
  }
  assert.deepEqual(it.clients, []);
});

test('what gateways send is not answered, so that two of them cannot go on for ever', async () => {
  const it = new SnTest();
  const device = it.device();
  for (const hex of [
    '02 18',
    '04 18 0010',
    '02 17',
    '03 05 00',
    '05 00 01 0384',
    '03 02 01',
    '02 06',
    '02 08',
  ]) {
    await device.receives(hex);
  }
  assert.deepEqual(device.look(), []);
  assert.equal(it.count('messages.unexpected'), 8);
});

test('an address that has not completed CONNECT is never sent more than it sent', async () => {
  const it = new SnTest({ enable_qos3: true });
  const victim = await it.connected('victim');
  await victim.subscribes('a/#');
  victim.sleeps(60);
  it.publish('a/b', 'x'.repeat(1000));
  const spoofed = it.device({ peer: { host: '198.51.100.1', port: 1 } });
  const messages = [
    ...OF_A_CLIENT,
    '03 01 00',
    '08 16 76696374696d',
    '09 04 08 01 003c 736e42',
    '04 07 00 61',
  ];
  let sent = 0;
  for (const hex of [...messages, ...fuzzed(2000)]) {
    const before = spoofed.received;
    if (!accepts(hex)) continue;
    await spoofed.receives(hex);
    const answer = spoofed.take();
    sent += octets(answer);
    if (answer.some(({ type }) => type === 'connack')) break;
    assert.ok(octets(answer) <= spoofed.received - before, hex);
  }
  assert.ok(sent <= spoofed.received);
});

/** Datagrams at random, in hexadecimal. */
function fuzzed(count: number): string[] {
  return Array.from({ length: count }, (_, seed) => Buffer.from([seed & 0xff, seed >> 8]).toString('hex'));
}

function accepts(hex: string): boolean {
  try {
    snCodec.decode(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    return true;
  } catch (error) {
    assert.ok(error instanceof FrameError);
    return false;
  }
}

test('a flood of REGISTER is bounded by max_topics', async () => {
  const it = new SnTest({ max_topics: 50 });
  const device = await it.connected('dev1');
  for (let i = 0; i < 1000; i++) device.registers(`topic/${i}`);
  const answers = device.look();
  assert.equal(answers.filter((text) => text.endsWith('accepted')).length, 50);
  assert.equal(answers.filter((text) => text.endsWith('congestion')).length, 950);
  assert.equal(it.count('register.refused'), 950);
});

test('the names of topics are bounded with their number', async () => {
  const it = new SnTest({ max_topics: 1000 });
  const device = await it.connected('dev1');
  for (let i = 0; i < 5; i++) device.registers(`${i}/`.padEnd(60_000, 'x'));
  assert.deepEqual(
    device.look().map((text) => text.split(' ').at(-1)),
    [...Array(4).fill('accepted'), 'congestion'],
  );
  device.registers('room/temp');
  assert.deepEqual(device.look(), ['REGACK msgId=1 topicId=5 accepted']);
});

test('answers to nothing are counted and change nothing', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  for (const hex of ['07 0d 0001 0009 00', '04 0f 0009', '04 0e 0009', '07 0b 0001 0009 00', '04 10 0009']) {
    device.receives(hex);
  }
  assert.deepEqual(device.look(), ['PUBREL', 'PUBCOMP msgId=9']);
  assert.equal(it.count('messages.unexpected'), 5);
});

test('a datagram that is no message is counted and not answered', () => {
  const it = new SnTest();
  const device = it.device();
  device.channel.onFrameError(new FrameError('length', 0, 'nonsense'));
  assert.deepEqual(device.look(), []);
  assert.equal(it.count('messages.malformed'), 1);
});

test('QoS 0 messages that wait for a REGACK are bounded', async () => {
  const it = new SnTest();
  const device = await it.connected('dev1');
  await device.subscribes('w/#');
  for (let i = 0; i < 200; i++) it.publish('w/x', String(i), 0);
  assert.equal(device.drain().length, 101);
  assert.equal(it.hub.metrics.get('delivery.dropped.qos0_msg'), 100);
});

test('a will dialogue that is never finished is forgotten with its address', async () => {
  const it = new SnTest();
  const device = it.device();
  await device.connects('dev1', { will: true });
  it.wait(30_020);
  assert.equal(device.peer.ended, 'idle_timeout');
  assert.deepEqual(it.clients, []);
});

/** What a forwarder passes on for one of its wireless nodes. */
function fromNode(node: string, message: SnMessage): SnMessage {
  assert.ok(message.type !== 'encapsulated');
  return { type: 'encapsulated', radius: 1, wirelessNodeId: Buffer.from(node), message };
}

/** CONNECT of a wireless node, with a client id of its own. */
function nodeConnects(node: string, fields: ConnectFields = {}): SnMessage {
  const defaults = { will: false, cleanSession: true, protocolId: 1, duration: 60 };
  return fromNode(node, { type: 'connect', ...defaults, ...fields, clientId: `client-${node}` });
}

test('§5.5 a wireless node whose session goes on is a client like any other', async () => {
  const it = new SnTest();
  const forwarder = it.device();
  await forwarder.sends(nodeConnects('n1', { cleanSession: false }));
  await forwarder.sends(fromNode('n1', { type: 'pingreq', clientId: '' }));
  assert.deepEqual(
    forwarder.look().map((text) => text.split(' ')[3]),
    ['CONNACK', 'PINGRESP'],
  );
  forwarder.forgotten();
  assert.deepEqual(it.clients, ['client-n1']);
});

test('§5.5 wireless nodes that do not finish telling their wills make room for others after idle_timeout', async () => {
  const it = new SnTest({ max_nodes: 50, idle_timeout: '30s' });
  const forwarder = it.device();
  await forwarder.sends(nodeConnects('n0'));
  for (let i = 1; i < 50; i++) await forwarder.sends(nodeConnects(`n${i}`, { will: true }));
  forwarder.look();
  await forwarder.sends(nodeConnects('honest'));
  const honest = `ENCAPSULATED node=${Buffer.from('honest').toString('hex')} radius=0`;
  assert.deepEqual(forwarder.look(), [`${honest} CONNACK congestion`]);
  it.wait(31_000);
  await forwarder.sends(nodeConnects('honest'));
  assert.deepEqual(forwarder.look(), [`${honest} CONNACK accepted`]);
  assert.deepEqual(it.clients, ['client-honest', 'client-n0']);
});

test('§5.5 wireless nodes behind one forwarder are clients of their own, up to max_nodes', async () => {
  const it = new SnTest({ max_nodes: 2 });
  const forwarder = it.device();
  const from = (node: string, message: SnMessage) => forwarder.sends(fromNode(node, message));
  const connect = (clientId: string) =>
    ({ type: 'connect', will: false, cleanSession: true, protocolId: 1, duration: 60, clientId }) as const;
  await from('n1', connect('dev1'));
  await from('n2', connect('dev2'));
  await from('n3', connect('dev3'));
  const to = (node: string, text: string) =>
    `ENCAPSULATED node=${Buffer.from(node).toString('hex')} radius=0 ${text}`;
  await from('n3', { type: 'pingreq', clientId: '' });
  assert.deepEqual(forwarder.look(), [
    to('n1', 'CONNACK accepted'),
    to('n2', 'CONNACK accepted'),
    to('n3', 'CONNACK congestion'),
  ]);
  assert.deepEqual(it.clients, ['dev1', 'dev2']);
  assert.equal(it.count('nodes.refused'), 2);
  await from('n1', { type: 'subscribe', dup: false, qos: 0, msgId: 1, topicIdType: 2, topicName: 'ab' });
  await from('n1', { type: 'disconnect', duration: 60 });
  forwarder.look();
  it.publish('ab', 'on');
  await from('n2', { type: 'pingreq', clientId: 'dev1' });
  await from('n1', { type: 'pingreq', clientId: 'dev1' });
  assert.deepEqual(forwarder.look(), [
    to('n2', 'DISCONNECT'),
    to('n1', `PUBLISH Q0 D0 R0 msgId=0 topic=short:ab data=2 bytes`),
    to('n1', 'PINGRESP'),
  ]);
  await from('n2', { type: 'disconnect', duration: undefined });
  await from('n3', connect('dev3'));
  assert.deepEqual(it.clients, ['dev1', 'dev3']);
});
