import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Step } from './sequence.js';
import type { Version } from './spec/packets.js';
import type { Received } from './wire/read.js';
import {
  ack,
  type Bytes,
  type Connect,
  connect,
  disconnect,
  hex,
  type PropertyList,
  type Publish,
  publish,
  subscribe,
  unsubscribe,
} from './wire/write.js';

/** The client of steps that name none. */
const DEFAULT = 'c';

/** What must be in a packet; `properties` must be there with these values, others may be. */
export type Expected = Partial<Received>;

function step(what: string, client: string, run: Step['run']): Step {
  return { what: client === DEFAULT ? what : `${client}: ${what}`, run };
}

/** A connection, on which nothing is sent yet. */
export function opens(client = DEFAULT): Step {
  return step('opens', client, async (stage) => {
    await stage.open(client);
  });
}

/** Connects, sends CONNECT and gets a CONNACK of success. The client's identifier is its name. */
export function connects(
  fields: Connect & { readonly version?: Version } = {},
  client = DEFAULT,
  expected: Expected = {},
): Step {
  return step('connects', client, async (stage) => {
    const terminal = await stage.open(client);
    terminal.version = fields.version ?? stage.version;
    terminal.send(connect({ clientId: client, ...fields, version: terminal.version }));
    expect(await terminal.receive(), { type: 'connack', code: 0, ...expected });
  });
}

/** Connects with a session that outlives the connection by `seconds`, of which MQTT 3 knows nothing. */
export function resumes(present: boolean, client = DEFAULT, fields: Connect = {}, seconds = 100): Step {
  return step(present ? 'resumes its session' : 'opens a lasting session', client, async (stage) => {
    const terminal = await stage.open(client);
    const { version } = terminal;
    const expiry: PropertyList = [['Session Expiry Interval', seconds]];
    const properties = [...expiry, ...((fields.properties as PropertyList | undefined) ?? [])];
    terminal.send(connect({ clientId: client, cleanStart: false, ...fields, properties, version }));
    // MQTT 3.1 has no flag for it.
    expect(await terminal.receive(), { type: 'connack', code: 0, sessionPresent: present && version > 3 });
  });
}

/** Subscribes to one filter and is granted what it asks for. @param options QoS and what MQTT 5 has beside it */
export function subscribes(
  filter: string,
  options = 0,
  client = DEFAULT,
  properties: PropertyList = [],
): Step {
  return step(`subscribes to ${filter}`, client, async (stage) => {
    const terminal = stage.client(client);
    const { version } = terminal;
    terminal.send(subscribe({ version, packetId: 901, filters: [[filter, options]], properties }));
    expect(await terminal.receive(), { type: 'suback', packetId: 901, codes: [options & 3] });
  });
}

export function unsubscribes(filter: string, client = DEFAULT): Step {
  return step(`unsubscribes from ${filter}`, client, async (stage) => {
    const terminal = stage.client(client);
    terminal.send(unsubscribe({ version: terminal.version, packetId: 902, filters: [filter] }));
    expect(await terminal.receive(), { type: 'unsuback', packetId: 902 });
  });
}

/** Publishes and sees it through, so that every subscriber that is there has been sent it. Not to itself. */
export function publishes(fields: Omit<Publish, 'version'>, client = DEFAULT): Step {
  return step(`publishes ${show(fields)}`, client, async (stage) => {
    const terminal = stage.client(client);
    const { version } = terminal;
    const { qos = 0, packetId = 1 } = fields;
    terminal.send(publish({ ...fields, version }));
    if (qos === 0) assert.deepEqual(await terminal.receiveAll(), []);
    if (qos === 1) expect(await terminal.receive(), { type: 'puback', packetId });
    if (qos !== 2) return;
    expect(await terminal.receive(), { type: 'pubrec', packetId });
    terminal.send(ack('pubrel', { version, packetId }));
    expect(await terminal.receive(), { type: 'pubcomp', packetId });
  });
}

/** Gets a message next and acknowledges it as its QoS wants. */
export function takes(expected: Expected, client = DEFAULT): Step {
  return step(`takes ${show(expected)}`, client, async (stage) => {
    const terminal = stage.client(client);
    const { version } = terminal;
    const packet = await terminal.receive();
    expect(packet, { type: 'publish', ...expected });
    const packetId = packet.packetId ?? 0;
    if (packet.qos === 1) terminal.send(ack('puback', { version, packetId }));
    if (packet.qos !== 2) return;
    terminal.send(ack('pubrec', { version, packetId }));
    expect(await terminal.receiveFirst('pubrel'), { packetId });
    terminal.send(ack('pubcomp', { version, packetId }));
  });
}

/** Says goodbye and is disconnected. */
export function leaves(client = DEFAULT): Step {
  return step('leaves', client, async (stage) => {
    const terminal = stage.client(client);
    terminal.send(disconnect());
    await assertClosed(terminal.closes());
  });
}

export function sends(bytes: Bytes, client = DEFAULT): Step {
  const buffer = hex(bytes);
  const shown = buffer.toString('hex', 0, 60);
  return step(`sends ${shown}`, client, (stage) => stage.client(client).send(buffer));
}

/** Gets exactly one packet next. */
export function gets(expected: Expected, client = DEFAULT): Step {
  return step(`gets ${show(expected)}`, client, async (stage) => {
    expect(await stage.client(client).receive(), expected);
  });
}

/** Gets these packets, in this order, and nothing else; stays connected. */
export function getsOnly(expected: readonly Expected[], client = DEFAULT): Step {
  return step(`gets only ${show(expected)}`, client, async (stage) => {
    const packets = await stage.client(client).receiveAll();
    assert.equal(packets.length, expected.length, `came: ${show(packets)}`);
    for (const [i, packet] of packets.entries()) expect(packet, expected[i] ?? {});
  });
}

/** Stays connected and gets nothing. */
export function getsNothing(client = DEFAULT): Step {
  return getsOnly([], client);
}

/** Is disconnected: told why by this DISCONNECT if it speaks MQTT 5, by the end of the connection alone before. */
export function isEnded(code: number, client = DEFAULT): Step {
  return step(`is ended with ${code.toString(16)}`, client, async (stage) => {
    const terminal = stage.client(client);
    if (terminal.version === 5) expect(await terminal.receive(), { type: 'disconnect', code });
    await assertClosed(terminal.closes());
  });
}

/** Is refused with a CONNACK, then disconnected. */
export function isRefused(code: number, client = DEFAULT): Step {
  return step(`is refused with ${code.toString(16)}`, client, async (stage) => {
    const terminal = stage.client(client);
    expect(await terminal.receive(), { type: 'connack', code, sessionPresent: false });
    await assertClosed(terminal.closes());
  });
}

/** Is disconnected without a word. */
export function isClosed(client = DEFAULT): Step {
  return step('is closed', client, (stage) => assertClosed(stage.client(client).closes()));
}

/** Loses its connection: no DISCONNECT. */
export function drops(client = DEFAULT): Step {
  return step('drops', client, (stage) => stage.drop(client));
}

export function passes(seconds: number): Step {
  return { what: `${seconds} s pass`, run: ({ clock }) => clock.advance(seconds * 1000) };
}

/** The hub has counted. @param name of the metric */
export function counts(name: string, value: number): Step {
  return {
    what: `${name} is ${value}`,
    run: ({ hub }) => assert.equal(hub.metric(name), value),
  };
}

async function assertClosed(end: Promise<Buffer>): Promise<void> {
  assert.equal((await end).toString('hex'), '', 'bytes before the end');
}

function expect(packet: Received, expected: Expected): void {
  const { properties, ...fields } = expected;
  for (const [name, value] of Object.entries(fields)) {
    const actual = packet[name as keyof Received];
    if (!isDeepStrictEqual(actual, value)) fail(packet, expected);
  }
  for (const [name, values] of Object.entries(properties ?? {})) {
    const actual = (packet.properties as Record<string, unknown> | undefined)?.[name];
    if (!isDeepStrictEqual(comparable(name, actual), comparable(name, values))) fail(packet, expected);
  }
}

/** The order of Subscription Identifiers is not significant (MQTT 5 §3.3.4), that of other properties is. */
function comparable(name: string, values: unknown): unknown {
  return name === 'Subscription Identifier' && Array.isArray(values) ? [...values].sort() : values;
}

function fail(packet: Received, expected: Expected): never {
  assert.fail(`expected ${show(expected)}, came ${show(packet)}`);
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
