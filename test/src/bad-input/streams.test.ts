import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.js';
import { LocalHub } from '../support/local-hub.js';
import { patience } from '../support/patience.js';
import { resources } from '../support/resources.js';
import { RandomBytes } from './random.js';

/**
 * What strangers throw at the stream listeners: the hub answers or closes, goes on serving everybody else, and
 * keeps nothing of it.
 */

const LIMIT = 50;
const CONFIG = `
gateways:
  mqtt:
    idle_timeout: 500ms
    listeners:
      tcp: { default: { bind: 127.0.0.1:0, max_connections: ${LIMIT}, max_conn_rate: 0 } }
      ws: { default: { bind: 127.0.0.1:0, max_connections: ${LIMIT}, max_conn_rate: 0 } }
  stomp:
    idle_timeout: 500ms
    listeners:
      tcp: { default: { bind: 127.0.0.1:0, max_connections: ${LIMIT}, max_conn_rate: 0 } }
      ws: { default: { bind: 127.0.0.1:0, max_connections: ${LIMIT}, max_conn_rate: 0 } }
  jt808:
    idle_timeout: 500ms
    listeners:
      tcp: { default: { bind: 127.0.0.1:0, max_connections: ${LIMIT}, max_conn_rate: 0 } }
  tcp:
    idle_timeout: 500ms
    listeners:
      tcp: { default: { bind: 127.0.0.1:0, max_connections: ${LIMIT}, max_conn_rate: 0 } }
  gbt32960:
    idle_timeout: 500ms
    listeners:
      tcp: { default: { bind: 127.0.0.1:0, max_connections: ${LIMIT}, max_conn_rate: 0 } }
`;

/** A login without VIN and check byte: command, response flag, VIN, encryption, length, data. */
const VEHICLE = `232301fe${'00'.repeat(17)}01001f1a010108000000013131313131313131313131313131313131313131010143`;
const CHECKED_AT = 2;
const VIN_AT = 4;

interface Greeting {
  /** A valid login. @param id the client id, one character */
  login(id: string): Buffer;
  /** How what the hub answers to it begins. */
  readonly answer: Buffer;
}

/** Of each protocol, to see that the hub still serves. */
const GREETINGS: Readonly<Record<string, Greeting>> = {
  'mqtt:tcp:default': {
    login: (id) => Buffer.from(`\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01${id}`),
    answer: Buffer.from('20020000', 'hex'),
  },
  'tcp:tcp:default': {
    login: (id) => Buffer.from(`\x11\x00\x04\x3c\x00\x01${id}`),
    answer: Buffer.from('200014', 'hex'),
  },
  'stomp:tcp:default': {
    login: (id) => Buffer.from(`CONNECT\naccept-version:1.2\nhost:/\nclient-id:${id}\n\n\0`),
    answer: Buffer.from('CONNECTED\nversion:1.2\n'),
  },
  'jt808:tcp:default': {
    login: (id) => {
      const inner = Buffer.from(`\x01\x02\x00\x01\x01\x39\x12\x34\x56${id}\x00\x00\x31`);
      return Buffer.from([0x7e, ...inner, inner.reduce((check, byte) => check ^ byte, 0), 0x7e]);
    },
    answer: Buffer.from('7e80010005', 'hex'),
  },
  'gbt32960:tcp:default': {
    login: loginOfVehicle,
    answer: Buffer.from('23230101', 'hex'),
  },
};

/** Begins well and never ends, or announces more than anybody may send. */
const BROKEN: Readonly<Record<string, readonly string[]>> = {
  'mqtt:tcp:default': [
    '10ffffff7f', // CONNECT of 256 MB
    '10ffffffff7f', // five-byte remaining length
    '100d00044d5154540402003c0009', // client id cut short
    '300a', // PUBLISH before CONNECT
    '00', // reserved packet type
    '101000044d51545404ff003c000161626364', // reserved connect flag
  ],
  'tcp:tcp:default': [
    '11ffff', // CONNECT of 65535 bytes
    '1100073c00ff61626364', // client id longer than the frame
    '70', // reserved type
    '30000461626364', // DATATRANS before CONNECT
    '1100', // half a length
  ],
  'stomp:tcp:default': [
    'CONNECT\nhost:',
    'CONNECT\ncontent-length:999999999\n\n',
    'CONNECT\ncontent-length:-1\n\n\0',
    'SEND\ndestination:a\n\nx\0',
    `CONNECT\n${'a:b\n'.repeat(1000)}`,
    'x'.repeat(10_000),
    '\r',
    '\n'.repeat(100_000),
    '\0',
  ].map((text) => Buffer.from(text).toString('hex')),
  'jt808:tcp:default': [
    `7e${'00'.repeat(10_000)}`, // no second delimiter
    '00'.repeat(10_000), // not even a first one
    '7e01027e'.repeat(100), // too short for a header
    '7e7d037e'.repeat(100), // no such escape
    '7e0200003c013912345678000100', // a header cut short
    '7e01022001013912345678000000ff00013100007e', // part 1 of 255 of a login
    '474554202f20485454502f312e310d0a0d0a'.repeat(600), // HTTP
  ],
  'gbt32960:tcp:default': [
    '232302fe314731424c35325037545231313535323001ffffd0', // report of 65535 bytes
    '232302fe314731424c3532503754523131353532300100081a010108000008ff3d', // report before the login
    '232301fe00000000000000000000000000000000000100081a01010800000001e5', // login without the VIN
    '232301fe314731424c3532503754523131353532300100061a010108000000', // wrong check byte
    '23238001314731424c3532503754523131353532300100061a0101080000b9', // answer to no command
    '232301fe', // half a header
    '23232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323', // nothing but start bytes
  ],
};

/** Login of a vehicle by GB/T 32960 of 2016, with its check byte. @param vin one character */
function loginOfVehicle(vin: string): Buffer {
  const login = Buffer.from(`${VEHICLE}00`, 'hex');
  login.write(vin, VIN_AT);
  login[login.length - 1] = login.subarray(CHECKED_AT).reduce((check, byte) => check ^ byte, 0);
  return login;
}

function greetingOf(listener: string): Greeting {
  return GREETINGS[listener] as Greeting;
}

let hub: LocalHub;
before(async () => {
  hub = await LocalHub.start(CONFIG);
});
after(() => hub.stop());

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function gone(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, 'close', { signal: patience() });
}

async function assertStillServes(listener: string): Promise<void> {
  const { login, answer } = greetingOf(listener);
  const socket = await open(hub.port(listener));
  socket.write(login('a'));
  const [bytes] = (await once(socket, 'data', { signal: patience() })) as [Buffer];
  assert.equal(bytes.subarray(0, answer.length).toString('hex'), answer.toString('hex'));
  socket.destroy();
}

for (const listener of Object.keys(GREETINGS)) {
  describe(listener, () => {
    test('random bytes get an answer or a close, 300 times over', async () => {
      const random = new RandomBytes(4711);
      for (let i = 0; i < 300; i++) {
        const socket = await open(hub.port(listener));
        socket.end(random.bytes(200));
        await gone(socket);
      }
      await assertStillServes(listener);
    });

    test('oversize lengths and truncated frames end the connection, at the latest with the idle timeout', async () => {
      const broken = BROKEN[listener] ?? [];
      await Promise.all(
        broken.map(async (hex) => {
          const socket = await open(hub.port(listener));
          socket.write(Buffer.from(hex, 'hex'));
          await gone(socket);
        }),
      );
      await assertStillServes(listener);
    });

    test('a valid login byte by byte is understood', async () => {
      const { login, answer } = greetingOf(listener);
      const socket = await open(hub.port(listener));
      socket.setNoDelay();
      for (const byte of login('a')) socket.write(Buffer.from([byte]));
      const [bytes] = (await once(socket, 'data', { signal: patience() })) as [Buffer];
      assert.equal(bytes.subarray(0, answer.length).toString('hex'), answer.toString('hex'));
      socket.destroy();
    });

    test('a connection that says nothing is closed after the idle timeout', async () => {
      const socket = await open(hub.port(listener));
      await gone(socket);
    });

    test('a half-closed connection does not linger', async () => {
      const socket = await open(hub.port(listener));
      socket.write(greetingOf(listener).login('a'));
      await once(socket, 'data', { signal: patience() });
      socket.end();
      await gone(socket);
      await eventually('the connection is forgotten', () => hub.connections(listener) === 0);
    });

    test('2,000 connections over the limit are refused; handles and heap are as before', async () => {
      await eventually('all earlier connections are gone', () => hub.connections(listener) === 0);
      await flood(listener, 100);
      const before = await resources();
      await flood(listener, 2000);
      const after = await resources();
      assert.deepEqual(after.handles, before.handles);
      const grown = after.heap - before.heap;
      assert.ok(grown < 2_000_000, `the heap grew by ${grown} bytes`);
      await assertStillServes(listener);
    });
  });
}

/** Logs in as many clients as the listener takes, opens `surplus` connections more, and ends them all. */
async function flood(listener: string, surplus: number): Promise<void> {
  const residents: Socket[] = [];
  for (let i = 0; i < LIMIT; i++) {
    const socket = await open(hub.port(listener));
    socket.write(greetingOf(listener).login(String.fromCharCode(0x30 + i)));
    await once(socket, 'data', { signal: patience() });
    residents.push(socket);
  }
  const refusedBefore = hub.refused(listener).max_connections ?? 0;
  const others = await Promise.all(Array.from({ length: surplus }, () => open(hub.port(listener))));
  await Promise.all(others.map(gone));
  assert.equal((hub.refused(listener).max_connections ?? 0) - refusedBefore, surplus);
  assert.equal(hub.connections(listener), LIMIT);
  for (const socket of residents) socket.destroy();
  await eventually('all are forgotten', () => hub.connections(listener) === 0);
}

describe('mqtt:ws:default', () => {
  const url = (path = '/mqtt') => `ws://127.0.0.1:${hub.port('mqtt:ws:default')}${path}`;

  test('random binary frames end the connection', async () => {
    const random = new RandomBytes(42);
    for (let i = 0; i < 50; i++) {
      const socket = new WebSocket(url(), 'mqtt');
      await once(socket, 'open');
      const closed = once(socket, 'close', { signal: patience() });
      socket.send(random.bytes(200));
      await closed;
    }
    await eventually('all are forgotten', () => hub.connections('mqtt:ws:default') === 0);
  });

  test('text frames, wrong paths and plain HTTP are refused', async () => {
    const socket = new WebSocket(url(), 'mqtt');
    await once(socket, 'open');
    const closed = once(socket, 'close', { signal: patience() });
    socket.send('text');
    await closed;
    const lost = new WebSocket(url('/elsewhere'), 'mqtt');
    await assert.rejects(once(lost, 'open'), /404/);
    const response = await fetch(url().replace('ws:', 'http:'));
    assert.ok(response.status >= 400, String(response.status));
  });

  test('random bytes instead of HTTP end the connection', async () => {
    const random = new RandomBytes(7);
    for (let i = 0; i < 50; i++) {
      const socket = await open(hub.port('mqtt:ws:default'));
      socket.end(random.bytes(300));
      await gone(socket);
    }
    await eventually('all are forgotten', () => hub.connections('mqtt:ws:default') === 0);
  });
});

test('random text and text that is no UTF-8 end a WebSocket of STOMP', async () => {
  const random = new RandomBytes(4);
  for (let i = 0; i < 50; i++) {
    const socket = new WebSocket(`ws://127.0.0.1:${hub.port('stomp:ws:default')}/stomp`, 'v12.stomp');
    await once(socket, 'open');
    const closed = once(socket, 'close', { signal: patience() });
    const bytes = random.bytes(200);
    socket.send(i % 2 === 0 ? bytes : bytes.toString('latin1'), { binary: false });
    await closed;
  }
  await eventually('all are forgotten', () => hub.connections('stomp:ws:default') === 0);
});

test('a scanner that floods one gateway leaves the sessions of others alone', async () => {
  const resident = await open(hub.port('mqtt:tcp:default'));
  resident.write(greetingOf('mqtt:tcp:default').login('a'));
  await once(resident, 'data', { signal: patience() });
  const random = new RandomBytes(99);
  for (let i = 0; i < 100; i++) {
    const socket = await open(hub.port('tcp:tcp:default'));
    socket.end(random.bytes(100));
    await gone(socket);
  }
  resident.write(Buffer.from('c000', 'hex'));
  const [bytes] = (await once(resident, 'data', { signal: patience() })) as [Buffer];
  assert.equal(bytes.toString('hex'), 'd000');
  resident.destroy();
});
