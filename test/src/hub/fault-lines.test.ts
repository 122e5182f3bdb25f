import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createLogger } from '@portico/core';
import { FREE_PORTS } from '../support/configuration.js';
import { eventually } from '../support/eventually.js';
import { LocalHub } from '../support/local-hub.js';
import { RawClient } from '../support/raw-client.js';
import { nextDatagram, openUdp } from '../support/udp-socket.js';

/** What an operator reads in the log of each fault, whatever the gateway: one line, with all that is known. */

const CONFIGURATION = `access: { users: [{ username: ada, password: right }] }\n${FREE_PORTS}`;

/** Text with its length in `size` bytes before it. */
function prefixed(text: string, size: number): Buffer {
  const length = Buffer.alloc(size);
  length.writeUIntBE(text.length, 0, size);
  return Buffer.concat([length, Buffer.from(text)]);
}

/** CONNECT of MQTT 3.1.1 with keep alive 60, without clean session. */
function mqttConnect(clientId: string, password: string): Buffer {
  const payload = [clientId, 'ada', password].map((text) => prefixed(text, 2));
  const body = Buffer.concat([Buffer.from('00044d51545404c0003c', 'hex'), ...payload]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

/** CONNECT of the private TCP protocol. */
function tcpConnect(clientId: string, password: string, version = 1): Buffer {
  const strings = [clientId, 'ada', password].map((text) => prefixed(text, 2));
  const body = Buffer.concat([Buffer.from([60]), ...strings]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([Buffer.from([0x10 | version]), length, body]);
}

interface StreamCase {
  readonly fault: string;
  readonly gateway: 'mqtt' | 'tcp' | 'jt808' | 'gbt32960';
  readonly sends: readonly (Buffer | string)[];
  /** It ends the connection itself, when nothing comes of it. */
  readonly givesUp?: boolean;
  /** The line, without `listener` and `peer`, which all have. */
  readonly line: Readonly<Record<string, unknown>>;
  /** The line that goes with "client connected", for clients that were. */
  readonly disconnected?: string;
}

const DEVICE = { clientid: 'dev', username: 'ada' };

const STREAM_CASES: readonly StreamCase[] = [
  {
    fault: 'a wrong password',
    gateway: 'mqtt',
    sends: [mqttConnect('dev', 'wrong')],
    line: { ...DEVICE, reason: 'bad_credentials', msg: 'client refused' },
  },
  {
    fault: 'no client id where one is needed',
    gateway: 'mqtt',
    sends: [mqttConnect('', 'right')],
    line: { clientid: '', username: 'ada', reason: 'clientid_invalid', msg: 'connection closed' },
  },
  {
    fault: 'something before CONNECT',
    gateway: 'mqtt',
    sends: ['c000'],
    line: { reason: 'connect_expected', msg: 'connection closed' },
  },
  {
    fault: 'TLS on a plain port',
    gateway: 'mqtt',
    sends: ['16030100c8010000c40303'],
    line: {
      code: 'malformed_packet',
      offset: 0,
      reason: 'fixed header flags 6 in connect',
      hint: 'a TLS hello on a plain listener: use a tls listener',
      msg: 'malformed input',
    },
  },
  {
    fault: 'HTTP on a plain port',
    gateway: 'mqtt',
    sends: [Buffer.from('GET /mqtt HTTP/1.1\r\nHost: hub\r\n\r\n')],
    line: {
      code: 'malformed_packet',
      offset: 0,
      reason: 'fixed header flags 7 in puback',
      hint: 'an HTTP request: WebSocket clients need a ws listener',
      msg: 'malformed input',
    },
  },
  {
    fault: 'HTTP on a plain port, the head of which looks like that of a PUBREC,',
    gateway: 'mqtt',
    sends: [Buffer.from(`POST /mqtt HTTP/1.1\r\nHost: hub\r\nContent-Length: 40\r\n\r\n${'x'.repeat(40)}`)],
    line: {
      code: 'malformed_packet',
      offset: 4,
      reason: 'bytes behind the end of the packet',
      hint: 'an HTTP request: WebSocket clients need a ws listener',
      msg: 'malformed input',
    },
  },
  {
    fault: 'a malformed packet of a client that is connected',
    gateway: 'mqtt',
    sends: [mqttConnect('dev', 'right'), '8000'],
    line: {
      ...DEVICE,
      code: 'malformed_packet',
      offset: 0,
      reason: 'fixed header flags 0 in subscribe',
      msg: 'malformed input',
    },
    disconnected: 'malformed_packet',
  },
  {
    fault: 'a second CONNECT',
    gateway: 'mqtt',
    sends: [mqttConnect('dev', 'right'), mqttConnect('dev', 'right')],
    line: { ...DEVICE, reason: 'protocol_error', msg: 'client disconnected' },
  },
  {
    fault: 'a wrong password',
    gateway: 'tcp',
    sends: [tcpConnect('dev', 'wrong')],
    line: { ...DEVICE, reason: 'bad_credentials', msg: 'client refused' },
  },
  {
    fault: 'a version that is not spoken',
    gateway: 'tcp',
    sends: [tcpConnect('dev', 'right', 2)],
    line: { reason: 'unsupported_version', msg: 'connection closed' },
  },
  {
    fault: 'MQTT on the port of another gateway',
    gateway: 'tcp',
    sends: [mqttConnect('dev', 'right')],
    givesUp: true,
    line: {
      reason: 'closed',
      hint: 'an MQTT CONNECT: use a listener of the mqtt gateway',
      msg: 'connection closed',
    },
  },
  {
    fault: 'a malformed frame of a client that is connected',
    gateway: 'tcp',
    sends: [tcpConnect('dev', 'right'), 'f0'],
    line: {
      ...DEVICE,
      code: 'unknown_type',
      offset: 0,
      reason: 'frame type 15 is reserved',
      msg: 'malformed input',
    },
    disconnected: 'unknown_type',
  },
  {
    fault: 'a second CONNECT',
    gateway: 'tcp',
    sends: [tcpConnect('dev', 'right'), tcpConnect('dev', 'right')],
    line: { ...DEVICE, reason: 'second_connect', msg: 'client disconnected' },
  },
  {
    fault: 'a wrong check byte',
    gateway: 'jt808',
    sends: ['7e000200000138001380000000ab7e'],
    givesUp: true,
    line: { code: 'bad_checksum', offset: 13, reason: 'the check byte is wrong', msg: 'malformed input' },
  },
  {
    fault: 'MQTT on the port of another gateway',
    gateway: 'jt808',
    sends: [mqttConnect('dev', 'right')],
    givesUp: true,
    line: {
      code: 'no_frame',
      offset: 0,
      reason: 'no frame begins there',
      hint: 'an MQTT CONNECT: use a listener of the mqtt gateway',
      msg: 'malformed input',
    },
  },
  {
    fault: 'a wrong check byte',
    gateway: 'gbt32960',
    sends: [`232307fe${Buffer.from('LTEST000000000001').toString('hex')}010000d0`],
    givesUp: true,
    line: {
      code: 'bad_checksum',
      offset: 24,
      reason: 'the check byte is 208, 163 is right',
      msg: 'malformed input',
    },
  },
];

test('the hints are those of the documentation', async () => {
  const page = await readFile(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');
  const hints = new Set(
    STREAM_CASES.flatMap(({ line: { hint } }) => (hint === undefined ? [] : [String(hint)])),
  );
  assert.equal(hints.size, 3);
  for (const hint of hints) assert.ok(page.includes(`\`${hint}\``), hint);
});

type Line = Readonly<Record<string, unknown>>;

/** A hub, with the lines at `info` and above about peers, but for those that a client is connected. */
async function startHub() {
  const lines: Line[] = [];
  const write = (text: string) => {
    const { level, time, name, pid, hostname, ...line } = JSON.parse(text);
    if (line.listener !== undefined && line.msg !== 'client connected') lines.push(line);
  };
  const log = createLogger({ level: 'info', format: 'json', output: { write } });
  return { lines, hub: await LocalHub.start(CONFIGURATION, log) };
}

/** Takes the peer's address, which is that of this machine with any port, from a line. */
function withoutPeer({ peer, ...line }: Line): Line {
  assert.match(String(peer), /^127\.0\.0\.1:\d+$/);
  return line;
}

for (const { fault, gateway, sends, givesUp, line, disconnected } of STREAM_CASES) {
  test(`${gateway}: ${fault} is one line`, async () => {
    const { hub, lines } = await startHub();
    const listener = `${gateway}:tcp:default`;
    const client = await RawClient.connect(hub.port(listener));
    for (const bytes of sends) client.send(bytes);
    if (givesUp) client.end();
    await client.expectClose();
    await eventually('the connection is gone', () => hub.connections(listener) === 0);
    await hub.stop();
    const pair = { ...DEVICE, listener, reason: disconnected, msg: 'client disconnected' };
    const expected = [{ ...line, listener }, ...(disconnected === undefined ? [] : [pair])];
    assert.deepEqual(lines.map(withoutPeer), expected);
  });
}

/** Non-confirmable or confirmable PUT of coap://…/mqtt/t?c=dev&u=ada&p=wrong with an empty payload. */
const REFUSED_PUT = Buffer.concat([
  Buffer.from([0x40, 0x03, 0x00, 0x01]),
  Buffer.from([0xb4]),
  Buffer.from('mqtt'),
  Buffer.from([0x01]),
  Buffer.from('t'),
  Buffer.from([0x45]),
  Buffer.from('c=dev'),
  Buffer.from([0x05]),
  Buffer.from('u=ada'),
  Buffer.from([0x07]),
  Buffer.from('p=wrong'),
]);

const DATAGRAM_CASES: readonly { fault: string; bytes: Buffer; line: Line }[] = [
  {
    fault: 'a wrong password',
    bytes: REFUSED_PUT,
    line: { ...DEVICE, reason: 'bad_credentials', msg: 'client refused' },
  },
  {
    fault: 'a malformed message',
    bytes: Buffer.from('4901000100', 'hex'),
    line: { code: 'token_length', offset: 0, reason: 'token length 9 is reserved', msg: 'malformed input' },
  },
];

for (const { fault, bytes, line } of DATAGRAM_CASES) {
  test(`coap: ${fault} is one line`, async (context) => {
    const { hub, lines } = await startHub();
    const socket = await openUdp(hub.port('coap:udp:default'));
    context.after(() => socket.close());
    const answered = nextDatagram(socket);
    socket.send(bytes);
    await answered;
    await hub.stop();
    assert.deepEqual(lines.map(withoutPeer), [{ ...line, listener: 'coap:udp:default' }]);
  });
}
