import type { MqttFaultCode } from './mqtt-fault.js';

/** A packet that carries properties, or the Will inside CONNECT, which has its own. */
export type PropertyCarrier =
  | 'connect'
  | 'will'
  | 'connack'
  | 'publish'
  | 'puback'
  | 'pubrec'
  | 'pubrel'
  | 'pubcomp'
  | 'subscribe'
  | 'suback'
  | 'unsubscribe'
  | 'unsuback'
  | 'disconnect'
  | 'auth';

/** What each data type of MQTT 5 §1.5 is in the program; `boolean` is a Byte that must be 0 or 1. */
interface PropertyValues {
  boolean: boolean;
  byte: number;
  twoByteInteger: number;
  fourByteInteger: number;
  variableByteInteger: number;
  utf8String: string;
  binaryData: Buffer;
  utf8StringPair: readonly [name: string, value: string];
}

/** Data types by the names under which readers and writers have them as methods. */
export type PropertyType = keyof PropertyValues;

/** One property of MQTT 5. */
export interface PropertyRow {
  readonly id: number;
  /** The standard's name, camelCase; plural where it may be repeated and its values make a list. */
  readonly name: string;
  readonly type: PropertyType;
  readonly carriers: readonly PropertyCarrier[];
  /** True when it may appear more than once in one packet. */
  readonly repeatable?: true;
  /** How often, where that is bounded. */
  readonly maximumCount?: number;
  /** Least and greatest value allowed, where the data type allows more. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** What a value outside them is, where that is not `protocol_error`. */
  readonly fault?: MqttFaultCode;
}

/**
 * User Properties taken in one packet. The standard has no bound, but an empty one takes 5 bytes in a packet and
 * over 60 in memory.
 */
const MAX_USER_PROPERTIES = 1000;

const MESSAGE = ['publish', 'will'] as const;
const HANDSHAKE = ['connect', 'connack'] as const;
const AUTHENTICATION = ['connect', 'connack', 'auth'] as const;
const ANSWERS = [
  'connack',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'suback',
  'unsuback',
  'disconnect',
  'auth',
] as const;
const ALL = [...ANSWERS, ...MESSAGE, 'connect', 'subscribe', 'unsubscribe'] as const;

/**
 * All properties, MQTT 5 table 2-4. The types of the packets' properties, decoding, encoding and validation
 * all come from here.
 */
const TABLE = [
  { id: 0x01, name: 'payloadFormatIndicator', type: 'byte', carriers: MESSAGE, maximum: 1 },
  { id: 0x02, name: 'messageExpiryInterval', type: 'fourByteInteger', carriers: MESSAGE },
  { id: 0x03, name: 'contentType', type: 'utf8String', carriers: MESSAGE },
  { id: 0x08, name: 'responseTopic', type: 'utf8String', carriers: MESSAGE },
  { id: 0x09, name: 'correlationData', type: 'binaryData', carriers: MESSAGE },
  {
    id: 0x0b,
    name: 'subscriptionIdentifiers',
    type: 'variableByteInteger',
    carriers: ['publish'],
    repeatable: true,
    minimum: 1,
  },
  {
    id: 0x0b,
    name: 'subscriptionIdentifier',
    type: 'variableByteInteger',
    carriers: ['subscribe'],
    minimum: 1,
  },
  {
    id: 0x11,
    name: 'sessionExpiryInterval',
    type: 'fourByteInteger',
    carriers: ['connect', 'connack', 'disconnect'],
  },
  { id: 0x12, name: 'assignedClientIdentifier', type: 'utf8String', carriers: ['connack'] },
  { id: 0x13, name: 'serverKeepAlive', type: 'twoByteInteger', carriers: ['connack'] },
  { id: 0x15, name: 'authenticationMethod', type: 'utf8String', carriers: AUTHENTICATION },
  { id: 0x16, name: 'authenticationData', type: 'binaryData', carriers: AUTHENTICATION },
  { id: 0x17, name: 'requestProblemInformation', type: 'boolean', carriers: ['connect'] },
  { id: 0x18, name: 'willDelayInterval', type: 'fourByteInteger', carriers: ['will'] },
  { id: 0x19, name: 'requestResponseInformation', type: 'boolean', carriers: ['connect'] },
  { id: 0x1a, name: 'responseInformation', type: 'utf8String', carriers: ['connack'] },
  { id: 0x1c, name: 'serverReference', type: 'utf8String', carriers: ['connack', 'disconnect'] },
  { id: 0x1f, name: 'reasonString', type: 'utf8String', carriers: ANSWERS },
  { id: 0x21, name: 'receiveMaximum', type: 'twoByteInteger', carriers: HANDSHAKE, minimum: 1 },
  { id: 0x22, name: 'topicAliasMaximum', type: 'twoByteInteger', carriers: HANDSHAKE },
  {
    id: 0x23,
    name: 'topicAlias',
    type: 'twoByteInteger',
    carriers: ['publish'],
    minimum: 1,
    fault: 'topic_alias_invalid',
  },
  { id: 0x24, name: 'maximumQos', type: 'byte', carriers: ['connack'], maximum: 1 },
  { id: 0x25, name: 'retainAvailable', type: 'boolean', carriers: ['connack'] },
  {
    id: 0x26,
    name: 'userProperties',
    type: 'utf8StringPair',
    carriers: ALL,
    repeatable: true,
    maximumCount: MAX_USER_PROPERTIES,
  },
  { id: 0x27, name: 'maximumPacketSize', type: 'fourByteInteger', carriers: HANDSHAKE, minimum: 1 },
  { id: 0x28, name: 'wildcardSubscriptionAvailable', type: 'boolean', carriers: ['connack'] },
  { id: 0x29, name: 'subscriptionIdentifiersAvailable', type: 'boolean', carriers: ['connack'] },
  { id: 0x2a, name: 'sharedSubscriptionAvailable', type: 'boolean', carriers: ['connack'] },
] as const satisfies readonly PropertyRow[];

type Row = (typeof TABLE)[number];
type RowsOf<Carrier, R = Row> = R extends { carriers: readonly (infer C)[] }
  ? Carrier extends C
    ? R
    : never
  : never;
type ValueOf<R extends Row> = R extends { repeatable: true }
  ? readonly PropertyValues[R['type']][]
  : PropertyValues[R['type']];

/** The properties that a packet of type `Carrier` may have, made of the table. */
export type PropertiesOf<Carrier extends PropertyCarrier> = {
  readonly [R in RowsOf<Carrier> as R['name']]?: ValueOf<R> | undefined;
};

interface CarrierRows {
  /** Sparse. */
  readonly byId: readonly (PropertyRow | undefined)[];
  readonly byName: ReadonlyMap<string, PropertyRow>;
}

function rowsOf(carrier: PropertyCarrier): CarrierRows {
  const rows = (TABLE as readonly PropertyRow[]).filter((row) => row.carriers.includes(carrier));
  const byId: PropertyRow[] = [];
  for (const row of rows) byId[row.id] = row;
  return { byId, byName: new Map(rows.map((row) => [row.name, row])) };
}

const ROWS = Object.fromEntries(ALL.map((carrier) => [carrier, rowsOf(carrier)])) as Readonly<
  Record<PropertyCarrier, CarrierRows>
>;

/** The property with that identifier; undefined when there is none that `carrier` may have. */
export function propertyRow(carrier: PropertyCarrier, id: number): PropertyRow | undefined {
  return ROWS[carrier].byId[id];
}

/** The property of that name; undefined when there is none that `carrier` may have. */
export function propertyRowByName(carrier: PropertyCarrier, name: string): PropertyRow | undefined {
  return ROWS[carrier].byName.get(name);
}
