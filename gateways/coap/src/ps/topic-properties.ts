import { type CborMap, CborTag, type CborValue, decode, encode } from '@portico/codec-cbor';
import { isFrameError } from '@portico/frame';

/** What a topic is like: the topic properties of draft-ietf-core-coap-pubsub-21 §2.2.1. */
export interface TopicProperties {
  /** The engine's topic name, without mountpoint. */
  readonly topicName: string;
  /** URI of the topic-data resource. */
  readonly topicData: string;
  readonly resourceType: string;
  /** Content-Format of the data; undefined for any. */
  readonly contentFormat?: number;
  readonly topicType?: string;
  /** When it is deleted, in seconds since 1970; undefined for never. */
  readonly expirationDate?: number;
  /** Observers at a time; undefined for no bound. */
  readonly maxSubscribers?: number;
  /** Seconds between two confirmable notifications to an observer, at most. */
  readonly observerCheck?: number;
  /** The first data. */
  readonly initialize?: Buffer;
}

type Field = keyof TopicProperties;

/** One row of the table of topic properties, §4. */
interface Row {
  readonly key: number;
  readonly field: Field;
  readonly name: string;
  /** @returns undefined for a value that the property cannot have */
  readonly read: (value: CborValue) => string | number | Buffer | undefined;
  readonly write?: (value: CborValue) => CborValue;
}

/** Characters of a text, bytes of an initial representation: a topic takes up memory as long as it is there. */
const MAX_LENGTH = 1024;
/** Tag of a date in seconds since 1970, RFC 8949 §3.4.2. */
const EPOCH_TAG = 1;

const text = (value: CborValue) =>
  typeof value === 'string' && value.length <= MAX_LENGTH ? value : undefined;
const bytes = (value: CborValue) =>
  Buffer.isBuffer(value) && value.length <= MAX_LENGTH ? value : undefined;
const uint = (value: CborValue) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
const positive = (value: CborValue) => uint(value) || undefined;
const contentFormat = (value: CborValue) => (Number(uint(value)) <= 0xffff ? uint(value) : undefined);
const date = (value: CborValue) => {
  if (!(value instanceof CborTag) || value.tag !== EPOCH_TAG) return undefined;
  return Number.isFinite(value.value) ? Number(value.value) : undefined;
};

const ROWS: readonly Row[] = [
  { key: 0, field: 'topicName', name: 'topic-name', read: text },
  { key: 1, field: 'topicData', name: 'topic-data', read: text },
  { key: 2, field: 'resourceType', name: 'resource-type', read: text },
  { key: 3, field: 'contentFormat', name: 'topic-content-format', read: contentFormat },
  { key: 4, field: 'topicType', name: 'topic-type', read: text },
  {
    key: 5,
    field: 'expirationDate',
    name: 'expiration-date',
    read: date,
    write: (value) => new CborTag(EPOCH_TAG, value),
  },
  { key: 6, field: 'maxSubscribers', name: 'max-subscribers', read: uint },
  { key: 7, field: 'observerCheck', name: 'observer-check', read: positive },
  { key: 8, field: 'initialize', name: 'initialize', read: bytes },
];

const BY_KEY: ReadonlyMap<CborValue, Row> = new Map(ROWS.map((row) => [row.key, row]));

/** Input that is no representation of a topic. */
export interface PropertyFault {
  /** In words for the client. */
  readonly fault: string;
}

/** Reads topic properties, as many as there are. */
export function readProperties(payload: Buffer): Partial<TopicProperties> | PropertyFault {
  const value = decoded(payload);
  if (!(value instanceof Map)) return { fault: 'the payload is no map in CBOR' };
  return propertiesOf(value);
}

/** The properties in a map. @param ignored keys that mean something else to the caller */
export function propertiesOf(
  map: CborMap,
  ignored: ReadonlySet<CborValue> = new Set(),
): Partial<TopicProperties> | PropertyFault {
  const properties: { [field in Field]?: string | number | Buffer } = {};
  for (const [key, value] of map) {
    if (ignored.has(key)) continue;
    const row = BY_KEY.get(key);
    if (row === undefined) return { fault: `there is no topic property ${keyText(key)}` };
    const read = row.read(value);
    if (read === undefined) return { fault: `this cannot be a ${row.name}` };
    properties[row.field] = read;
  }
  return properties as Partial<TopicProperties>;
}

/** A key as an error names it: whatever is no number may be as long as a payload. */
function keyText(key: CborValue): string {
  return typeof key === 'number' ? String(key) : 'with such a key';
}

/** Reads the keys of the properties that are asked for, §2.5.2; undefined when the payload is something else. */
export function readKeys(payload: Buffer): readonly CborValue[] | undefined {
  const value = decoded(payload);
  return Array.isArray(value) ? value : undefined;
}

function decoded(payload: Buffer): CborValue {
  try {
    return decode(payload);
  } catch (error) {
    if (isFrameError(error)) return undefined;
    throw error;
  }
}

/** Properties as a map by CBOR key. @param keys those that are wanted */
export function propertyMap(
  properties: Partial<TopicProperties>,
  keys?: readonly CborValue[],
): Map<CborValue, CborValue> {
  const map = new Map<CborValue, CborValue>();
  for (const { key, field, write } of ROWS) {
    const value = properties[field];
    if (value === undefined || keys?.includes(key) === false) continue;
    map.set(key, write === undefined ? value : write(value));
  }
  return map;
}

/** The representation of a topic, or the part of it that is asked for. */
export function writeProperties(properties: TopicProperties, keys?: readonly CborValue[]): Buffer {
  return encode(propertyMap(properties, keys));
}

/** Whether a topic has all properties of a filter, with the same values, §2.4.2. */
export function fitsFilter(properties: TopicProperties, filter: Partial<TopicProperties>): boolean {
  return (Object.keys(filter) as Field[]).every((field) => equal(properties[field], filter[field]));
}

/** Why a topic cannot expire when it is to, in words. @param now milliseconds since 1970 */
export function expiryFault({ expirationDate }: Partial<TopicProperties>, now: number): string | undefined {
  const past = expirationDate !== undefined && expirationDate * 1000 <= now;
  return past ? 'expiration-date is in the past' : undefined;
}

/** The property that a client may not change but would, by its name in the draft, §2.5.3. */
export function immutableChanged(
  before: TopicProperties,
  change: Partial<TopicProperties>,
): string | undefined {
  const fields: readonly Field[] = ['topicName', 'topicData', 'resourceType'];
  const changed = fields.find((field) => field in change && !equal(before[field], change[field]));
  return ROWS.find(({ field }) => field === changed)?.name;
}

function equal(a: TopicProperties[Field], b: TopicProperties[Field]): boolean {
  return Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : a === b;
}
