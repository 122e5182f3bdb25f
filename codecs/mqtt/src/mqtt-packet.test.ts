import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { encodeToBuffer } from './encoder.js';
import type { Packet, ProtocolVersion } from './packet.js';
import { ReasonCode } from './reason-codes.js';
import { decodeChunks } from './testing/decode-all.js';
import { packetOf, packetTypes } from './testing/packet-arbitraries.js';

/** The model of mqtt-packet, in which a packet of either codec is compared. */
type Foreign = Readonly<Record<string, unknown>>;

const PROPERTY_NAMES: Readonly<Record<string, string>> = {
  maximumQos: 'maximumQoS',
  subscriptionIdentifiers: 'subscriptionIdentifier',
};

/** The order of user properties with different names is not in that model. */
function foreignProperties(properties: object | undefined): Foreign | undefined {
  if (properties === undefined) return undefined;
  const foreign: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(properties)) {
    foreign[PROPERTY_NAMES[name] ?? name] = foreignValue(name, value);
  }
  return foreign;
}

function foreignValue(name: string, value: unknown): unknown {
  if (name === 'payloadFormatIndicator') return value === 1;
  if (name === 'subscriptionIdentifiers') return oneOrMany(value as readonly number[]);
  if (name !== 'userProperties') return value;
  const grouped: Record<string, string[]> = {};
  for (const [key, text] of value as readonly [string, string][]) {
    grouped[key] ??= [];
    grouped[key].push(text);
  }
  return Object.fromEntries(Object.entries(grouped).map(([key, texts]) => [key, oneOrMany(texts)]));
}

function oneOrMany<Value>(values: readonly Value[]): Value | readonly Value[] | undefined {
  return values.length === 1 ? values[0] : values;
}

function toForeign(packet: Packet, version: ProtocolVersion): Foreign {
  const properties = 'properties' in packet ? foreignProperties(packet.properties) : undefined;
  const all: Foreign = { cmd: packet.type, properties, ...foreignFields(packet, version) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function foreignFields(packet: Packet, version: ProtocolVersion): Foreign {
  const reasonCode = version === 5 && 'reasonCode' in packet ? packet.reasonCode : undefined;
  switch (packet.type) {
    case 'connect':
      return {
        protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
        protocolVersion: packet.protocolVersion,
        clean: packet.cleanStart,
        keepalive: packet.keepAlive,
        clientId: packet.clientId,
        username: packet.username,
        password: packet.password,
        will:
          packet.will && defined({ ...packet.will, properties: foreignProperties(packet.will.properties) }),
      };
    case 'connack':
      return {
        sessionPresent: packet.sessionPresent,
        ...(version === 5 ? { reasonCode } : { returnCode: packet.reasonCode }),
      };
    case 'publish': {
      const { topic, payload, qos, retain, dup, packetId } = packet;
      return { topic, payload, qos, retain, dup, messageId: packetId === 0 ? undefined : packetId };
    }
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return { messageId: packet.packetId, reasonCode };
    case 'subscribe':
      return {
        messageId: packet.packetId,
        subscriptions: packet.subscriptions.map(
          ({ filter, qos, noLocal, retainAsPublished, retainHandling }) =>
            version === 5
              ? { topic: filter, qos, nl: noLocal, rap: retainAsPublished, rh: retainHandling }
              : { topic: filter, qos },
        ),
      };
    case 'unsubscribe':
      return { messageId: packet.packetId, unsubscriptions: packet.filters };
    case 'suback':
      return { messageId: packet.packetId, granted: packet.reasonCodes };
    case 'unsuback':
      return { messageId: packet.packetId, granted: version === 5 ? packet.reasonCodes : undefined };
    default:
      return { reasonCode };
  }
}

function defined(value: Foreign): Foreign {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

function parseForeign(bytes: Buffer, protocolVersion: ProtocolVersion): Foreign {
  const parser = mqttPacket.parser({ protocolVersion });
  const packets: mqttPacket.Packet[] = [];
  parser.on('packet', (packet) => packets.push(packet));
  parser.on('error', (error) => {
    throw error;
  });
  parser.parse(bytes);
  assert.equal(packets.length, 1);
  return { ...packets[0] };
}

/** Only what the model has in both directions: the parser adds bookkeeping of its own. */
function sameFields(actual: Foreign, expected: Foreign): void {
  const names = Object.keys(expected);
  assert.deepEqual(Object.fromEntries(names.map((name) => [name, plain(actual[name])])), plain(expected));
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Whether mqtt-packet can write and read a packet that the standard allows. */
function inModel(packet: Packet): boolean {
  if ('properties' in packet && getsLost(packet.properties)) return false;
  if (packet.type === 'disconnect') return packet.reasonCode !== ReasonCode.badAuthenticationMethod;
  if (packet.type !== 'connect') return true;
  if (packet.clientId === '' || getsLost(packet.will?.properties)) return false;
  return packet.username !== undefined || packet.password === undefined;
}

/** User properties named `constructor` or with an empty value get lost where they are fields of an object. */
function getsLost(value: unknown): boolean {
  if (typeof value === 'string') return value === '' || value in {};
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return false;
  return Object.values(value).some(getsLost);
}

for (const version of [3, 4, 5] as const) {
  for (const type of packetTypes(version)) {
    test(`mqtt-packet reads what is encoded as ${type} of version ${version}`, () => {
      fc.assert(
        fc.property(packetOf(type, version).filter(inModel), (packet) => {
          const foreign = parseForeign(encodeToBuffer(packet, version), version);
          sameFields(foreign, toForeign(packet, version));
        }),
        { numRuns: 40 },
      );
    });

    test(`what mqtt-packet writes as ${type} of version ${version} is decoded`, () => {
      fc.assert(
        fc.property(packetOf(type, version).filter(inModel), (packet) => {
          const foreign = toForeign(packet, version);
          const bytes = mqttPacket.generate(foreign as unknown as mqttPacket.Packet, {
            protocolVersion: version,
          });
          const decoded = decodeChunks([bytes], { version }, (received) =>
            plain(toForeign(received, version)),
          );
          assert.deepEqual(decoded, [plain(foreign)]);
        }),
        { numRuns: 40 },
      );
    });
  }
}
