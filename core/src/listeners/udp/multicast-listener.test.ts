import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { PorticoError } from '../../runtime/errors.js';
import type { AnswerMulticast } from '../connection.js';
import { listenerConfig, openListener, type TestListener } from '../testing/listener-fixture.js';
import { parseMulticastGroup } from './multicast-group.js';

const GROUP = '239.255.77.1';

/** Sends to the group by way of the loopback interface. */
async function openSender(t: TestContext): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setMulticastInterface('127.0.0.1');
  t.after(() => socket.close());
  return socket;
}

/** A listener that has joined the group, and what came to it. */
async function openGroup(
  t: TestContext,
  answer: (datagram: string) => string | undefined,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<{ it: TestListener; came: () => Promise<string> }> {
  const it = await openListener(t, 'udp', { multicast_groups: [`${GROUP}@127.0.0.1`], ...settings });
  const waiting: ((datagram: string) => void)[] = [];
  const answerGroup: AnswerMulticast = (bytes) => {
    const datagram = bytes.toString();
    const text = answer(datagram);
    queueMicrotask(() => waiting.shift()?.(datagram));
    return text === undefined ? undefined : { datagram: Buffer.from(text), delay: 1000 };
  };
  await it.listener.joinGroups?.(answerGroup);
  return { it, came: () => new Promise((resolve) => waiting.push(resolve)) };
}

test('what comes to a group is answered by the listener itself, after a while, and makes no connection', async (t) => {
  const { it, came } = await openGroup(t, (text) => `re: ${text}`);
  const sender = await openSender(t);
  const arrived = came();
  sender.send('who is there?', it.port, GROUP);
  assert.equal(await arrived, 'who is there?');
  const answered = once(sender, 'message');
  it.clock.advance(1020);
  const [answer, from] = await answered;
  assert.equal(String(answer), 're: who is there?');
  assert.deepEqual([from.address, from.port], ['127.0.0.1', it.port]);
  assert.equal(it.listener.statistics.connections, 0);
});

test('silence is silence', async (t) => {
  const { it, came } = await openGroup(t, () => undefined);
  const sender = await openSender(t);
  const arrived = came();
  sender.send('x', it.port, GROUP);
  await arrived;
  assert.equal(it.timers.size, 0);
});

test('whom an access rule denies is not heard', async (t) => {
  const heard: string[] = [];
  const { it } = await openGroup(t, (text) => void heard.push(text), { access_rules: ['deny all'] });
  const sender = await openSender(t);
  sender.send('x', it.port, GROUP);
  await new Promise<void>((resolve) => sender.send('y', it.port, '127.0.0.1', () => resolve()));
  while (it.refused.access !== 1) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, []);
});

test('no more than a thousand answers wait', async (t) => {
  const { it } = await openGroup(t, (text) => text);
  const sender = await openSender(t);
  while (it.metrics.get('listeners.udp.dropped.multicast') === 0) {
    sender.send('x', it.port, GROUP);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(it.timers.size, 1000);
});

test('a group of the other IP version is refused with the key to change', async (t) => {
  const it = await openListener(t, 'udp', { multicast_groups: ['ff02::fd@lo'] });
  await assert.rejects(
    async () => it.listener.joinGroups?.(() => undefined),
    (error) => error instanceof PorticoError && /multicast_groups/.test(error.message),
  );
});

test('a group is a multicast address, with an interface or without', () => {
  assert.deepEqual(parseMulticastGroup('224.0.1.187'), {
    address: '224.0.1.187',
    networkInterface: undefined,
  });
  assert.deepEqual(parseMulticastGroup('ff02::fd@eth0'), { address: 'ff02::fd', networkInterface: 'eth0' });
  for (const text of ['', '192.0.2.1', '::1', 'all', '224.0.1.187@', '224.0.1.187@eth0', 'ff02::fd@a@b']) {
    assert.ok('error' in parseMulticastGroup(text), text);
  }
  assert.throws(() => listenerConfig('udp', { multicast_groups: ['192.0.2.1'] }), /no multicast address/);
});
