import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { type EventEmitter, on } from 'node:events';
import { after, afterEach, before, test } from 'node:test';
import { decodeBody, encodeMessage, idText, Jt808Decoder } from '@portico/codec-jt808';
import mqtt, { type MqttClient } from 'mqtt';
import { eventually } from '../support/eventually.js';
import { REGISTRATION } from '../support/jt808-registration.js';
import { LocalHub } from '../support/local-hub.js';
import { patience } from '../support/patience.js';
import { openUdp } from '../support/udp-socket.js';

/** Terminals of JT/T 808 on real sockets of UDP, and an application that speaks MQTT. */

const LISTENER = 'jt808:udp:default';
const CONFIG = `gateways:
  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
  jt808: { listeners: { udp: { default: { bind: 127.0.0.1:0 } } } }
`;

let hub: LocalHub;
let application: MqttClient;
before(async () => {
  hub = await LocalHub.start(CONFIG);
  application = await mqtt.connectAsync(`mqtt://127.0.0.1:${hub.port('mqtt:tcp:default')}`, {
    reconnectPeriod: 0,
  });
});
after(async () => {
  await application.endAsync();
  await hub.stop();
});

type Json = Readonly<Record<string, unknown>>;

/** A terminal with its datagrams in the order in which they come. */
class Terminal {
  readonly #phone: string;
  #socket: Socket;
  #datagrams: AsyncIterator<[Buffer]>;
  #serial = 0;

  private constructor(phone: string, socket: Socket) {
    this.#phone = phone;
    this.#socket = socket;
    this.#datagrams = datagramsOf(socket);
  }

  static async open(phone: string): Promise<Terminal> {
    const terminal = new Terminal(phone, await openUdp(hub.port(LISTENER)));
    terminals.push(terminal);
    return terminal;
  }

  /** From now on its datagrams come from another port, as when its router forgets it. */
  async move(): Promise<void> {
    this.close();
    this.#socket = await openUdp(hub.port(LISTENER));
    this.#datagrams = datagramsOf(this.#socket);
  }

  close(): void {
    this.#socket.close();
  }

  frames(msg_id: number, body?: unknown, maxBodyLength = 1023): Buffer[] {
    const header = { msg_id, phone: this.#phone, msg_sn: this.#serial };
    const frames = encodeMessage({ header, body }, { maxBodyLength });
    this.#serial += frames.length;
    return frames;
  }

  sendsBytes(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  /** @returns its serial number */
  sends(msg_id: number, body?: unknown): number {
    const serial = this.#serial;
    for (const frame of this.frames(msg_id, body)) this.sendsBytes(frame);
    return serial;
  }

  /** The next message from the hub, the only one of its datagram. */
  async receives(): Promise<{ id: string; serial: number; body: Json }> {
    const { value } = await this.#datagrams.next();
    const [datagram] = value as [Buffer];
    const decoder = new Jt808Decoder();
    decoder.push(datagram);
    const frame = decoder.next();
    assert.ok(frame?.kind === 'frame' && decoder.next() === undefined, datagram.toString('hex'));
    assert.equal(frame.header.phone, this.#phone);
    const { msg_id, msg_sn } = frame.header;
    return { id: idText(msg_id), serial: msg_sn, body: decodeBody(frame).body };
  }

  /** Sends a message that the hub answers with that result. */
  async expects(result: number, msg_id: number, body?: unknown): Promise<void> {
    const seq = this.sends(msg_id, body);
    const answer = await this.receives();
    assert.deepEqual([answer.id, answer.body], ['0x8001', { seq, id: msg_id, result }]);
  }
}

const terminals: Terminal[] = [];
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.close();
});

function datagramsOf(socket: Socket): AsyncIterator<[Buffer]> {
  return on(socket, 'message', { signal: patience() }) as AsyncIterator<[Buffer]>;
}

/** What of a terminal is published from now on, one message after the other. */
async function heardOf(phone: string): Promise<() => Promise<{ header: Json; body: Json }>> {
  await application.subscribeAsync(`jt808/${phone}/up`);
  const messages = on(application as unknown as EventEmitter, 'message', {
    signal: patience(),
  });
  return async () => {
    const { value } = await messages.next();
    const [topic, payload] = value as [string, Buffer];
    assert.equal(topic, `jt808/${phone}/up`);
    return JSON.parse(payload.toString());
  };
}

function command(phone: string, msg_id: number, body?: unknown): Promise<unknown> {
  return application.publishAsync(`jt808/${phone}/dn`, JSON.stringify({ header: { msg_id }, body }), {
    qos: 1,
  });
}

const LOCATION = {
  alarm: 0,
  status: 3,
  latitude: 31_230_416,
  longitude: 121_473_701,
  altitude: 15,
  speed: 605,
  direction: 90,
  time: '261121163000',
  extra: { mileage: 1234 },
};

test('a terminal registers, authenticates, says where it is, answers a command, and leaves', async () => {
  const phone = '013900000001';
  const heard = await heardOf(phone);
  const terminal = await Terminal.open(phone);
  terminal.sends(0x0100, REGISTRATION);
  const { id, body } = await terminal.receives();
  assert.equal(id, '0x8100');
  await terminal.expects(0, 0x0102, { code: body.auth_code });
  await terminal.expects(0, 0x0200, LOCATION);
  assert.deepEqual((await heard()).body, LOCATION);
  await command(phone, 0x8201);
  const query = await terminal.receives();
  assert.equal(query.id, '0x8201');
  terminal.sends(0x0201, { seq: query.serial, params: LOCATION });
  assert.deepEqual((await heard()).body, { seq: query.serial, params: LOCATION });
  await terminal.expects(0, 0x0003);
  await eventually('its address is forgotten', () => hub.connections(LISTENER) === 0);
});

test('a message in parts that come in the wrong order, and a command in parts', async () => {
  const phone = '013900000002';
  const heard = await heardOf(phone);
  const terminal = await Terminal.open(phone);
  await terminal.expects(0, 0x0102, { code: 'abc' });
  const data = Buffer.alloc(2500, '沪A12345').toString('base64');
  const parts = terminal.frames(0x0900, { type: 240, data });
  for (const part of parts.reverse()) terminal.sendsBytes(part);
  assert.deepEqual((await heard()).body, { type: 240, data });
  assert.deepEqual((await terminal.receives()).body, { seq: 1, id: 0x0900, result: 0 });
  await command(phone, 0x8900, { type: 240, data });
  const down = [await terminal.receives(), await terminal.receives(), await terminal.receives()];
  const [first] = down;
  assert.deepEqual(
    down.map(({ id, serial }) => [id, serial - (first?.serial ?? 0)]),
    [
      ['0x8900', 0],
      ['0x8900', 1],
      ['0x8900', 2],
    ],
  );
  terminal.sends(0x0001, { seq: first?.serial, id: 0x8900, result: 0 });
  assert.equal((await heard()).header.msg_id, 0x0001);
});

test('a terminal whose port changes authenticates from there, and gets the command that it has not answered', async () => {
  const phone = '013900000003';
  const terminal = await Terminal.open(phone);
  await terminal.expects(0, 0x0102, { code: 'abc' });
  await command(phone, 0x8104);
  assert.equal((await terminal.receives()).id, '0x8104');
  await terminal.move();
  await terminal.expects(1, 0x0200, LOCATION);
  await terminal.expects(0, 0x0102, { code: 'abc' });
  assert.equal((await terminal.receives()).id, '0x8104');
});

test('datagrams without a frame, with half of one or with two are counted, and the terminal stays', async () => {
  const phone = '013900000004';
  const terminal = await Terminal.open(phone);
  await terminal.expects(0, 0x0102, { code: 'abc' });
  const before = hub.metric('jt808.frames.malformed');
  const [frame = Buffer.alloc(0)] = terminal.frames(0x0002);
  const bad = [Buffer.from('GET / HTTP/1.1\r\n\r\n'), frame.subarray(0, 8), Buffer.concat([frame, frame])];
  for (const datagram of bad) terminal.sendsBytes(datagram);
  await terminal.expects(0, 0x0002);
  assert.equal(hub.metric('jt808.frames.malformed') - before, bad.length);
});

test('of a terminal that has not authenticated nothing is published', async () => {
  const phone = '013900000005';
  const heard = await heardOf(phone);
  const terminal = await Terminal.open(phone);
  await terminal.expects(1, 0x0200, LOCATION);
  await terminal.expects(0, 0x0102, { code: 'abc' });
  await terminal.expects(0, 0x0200, { ...LOCATION, altitude: 16 });
  assert.equal((await heard()).body.altitude, 16);
});
