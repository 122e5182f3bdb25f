import { type CborValue, decode, encode } from '@portico/codec-cbor';
import type { GatewayStorage, Logger } from '@portico/core';
import { isFrameError } from '@portico/frame';
import type { TopicRecord } from './topic.js';
import { propertiesOf, propertyMap, type TopicProperties } from './topic-properties.js';

/** Before the id of a topic in the keys of the gateway's storage. */
const PREFIX = 'ps/';

/** Keys of a record beside those of the topic properties. */
const Key = { Owner: -1, Mountpoint: -2, Published: -3 } as const;
const OWN_KEYS: ReadonlySet<CborValue> = new Set(Object.values(Key));

/** The topics of `/ps` in the hub's store: they outlive a restart. */
export class TopicRecords {
  readonly #storage: GatewayStorage;
  readonly #log: Logger;

  constructor(storage: GatewayStorage, log: Logger) {
    this.#storage = storage;
    this.#log = log;
  }

  /** Ids of the topics written down. */
  ids(): string[] {
    const keys = [...this.#storage.keys()].filter((key) => key.startsWith(PREFIX));
    return keys.map((key) => key.slice(PREFIX.length));
  }

  /** Undefined for a record that cannot be read or understood, of which the log is told. */
  async read(id: string): Promise<TopicRecord | undefined> {
    try {
      const bytes = await this.#storage.get(PREFIX + id);
      const record = bytes && readRecord(id, bytes);
      if (record === undefined) this.#log.error({ id }, 'the record of a CoAP topic is damaged');
      return record;
    } catch (error) {
      this.#log.error({ id, err: error }, 'the record of a CoAP topic cannot be read');
      return undefined;
    }
  }

  write(record: TopicRecord): void {
    const map = propertyMap(record.properties);
    map.set(Key.Owner, record.owner);
    map.set(Key.Mountpoint, record.mountpoint);
    map.set(Key.Published, record.published);
    this.#storage.put(PREFIX + record.id, encode(map));
  }

  delete({ id }: TopicRecord): void {
    this.#storage.delete(PREFIX + id);
  }
}

function readRecord(id: string, bytes: Buffer): TopicRecord | undefined {
  const map = readMap(bytes);
  if (map === undefined) return undefined;
  const [owner, mountpoint] = [map.get(Key.Owner), map.get(Key.Mountpoint)];
  const properties = propertiesOf(map, OWN_KEYS);
  if (typeof owner !== 'string' || typeof mountpoint !== 'string') return undefined;
  if ('fault' in properties || !isComplete(properties)) return undefined;
  return { id, owner, mountpoint, properties, published: map.get(Key.Published) === true };
}

function readMap(bytes: Buffer): ReadonlyMap<CborValue, CborValue> | undefined {
  try {
    const value = decode(bytes);
    return value instanceof Map ? value : undefined;
  } catch (error) {
    if (isFrameError(error)) return undefined;
    throw error;
  }
}

function isComplete(properties: Partial<TopicProperties>): properties is TopicProperties {
  const { topicName, topicData, resourceType } = properties;
  return topicName !== undefined && topicData !== undefined && resourceType !== undefined;
}
