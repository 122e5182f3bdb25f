import type { GatewayContext, GatewayStorage, Will } from '@portico/core';
import { z } from 'zod';
import type { EarlierTopics, Registrations, TopicEntry } from './registrations.js';

/** Topics that are written down together: a new one is written with those before it on its page alone. */
const PAGE = 16;
/** How many keys one step of a sweep looks at. */
const KEYS_OF_A_STEP = 1000;
/** Between client id and number of a page; no client id has it. */
const OF = '\0';

const willSchema = z.object({
  topic: z.string(),
  payload: z.base64(),
  qos: z.literal([0, 1, 2]),
  retain: z.boolean(),
});

const recordSchema = z.object({
  sessionSince: z.number(),
  place: z.string(),
  asleep: z.boolean(),
  /** Seconds. */
  sleepDuration: z.number(),
  cleanSession: z.boolean(),
  will: willSchema.optional(),
});

const pageSchema = z.array(z.tuple([z.number(), z.string()]));

/** What is remembered of a client across its connections and restarts of the hub, beside its session. */
export interface ClientRecord {
  /** See `GatewayContext.sessionSince`. */
  readonly sessionSince: number;
  /** Where it was reached last, see `SnAddress.place`. */
  readonly place: string;
  /** Whether it sleeps, or is awake for a moment. */
  readonly asleep: boolean;
  /** Seconds that it announced. */
  readonly sleepDuration: number;
  readonly cleanSession: boolean;
  /** It is kept until it is deleted or a clean session begins, MQTT-SN 1.2 §6.3. */
  readonly will: Will | undefined;
}

/** What a client leaves to itself when it connects anew. */
export type Legacy = ClientRecord & EarlierTopics;

/**
 * The records of all clients whose sessions outlive their connections, by client id; of all zones. One is good for as
 * long as the hub has the session that it was written for: clients of other protocols may begin another one.
 */
export class ClientRecords {
  readonly #storage: GatewayStorage;
  readonly #sessionSince: (clientId: string) => number | undefined;

  constructor({ storage, sessionSince }: Pick<GatewayContext, 'storage' | 'sessionSince'>) {
    this.#storage = storage;
    this.#sessionSince = sessionSince;
  }

  /** Undefined where there is none that is still good. */
  async load(clientId: string): Promise<Legacy | undefined> {
    const since = this.#sessionSince(clientId);
    if (since === undefined) return undefined;
    const record = parsed(recordSchema, await this.#storage.get(clientId));
    if (record?.sessionSince !== since) return undefined;
    const topics = await this.#topics(clientId);
    return { ...record, will: record.will && restoredWill(record.will), topics, written: topics.length };
  }

  /** Up to the first page that is not full. */
  async #topics(clientId: string): Promise<TopicEntry[]> {
    const topics: TopicEntry[] = [];
    for (let page = 0; topics.length === page * PAGE; page++) {
      const entries = parsed(pageSchema, await this.#storage.get(pageKey(clientId, page)));
      if (entries === undefined) break;
      topics.push(...entries);
    }
    return topics;
  }

  save(clientId: string, record: ClientRecord): void {
    const will = record.will && { ...record.will, payload: record.will.payload.toString('base64') };
    this.#put(clientId, { ...record, will });
  }

  /** Writes down those topics of a client that are not; with none written, what may be there is of no use. */
  saveTopics(clientId: string, registrations: Registrations): void {
    const { size, written } = registrations;
    registrations.written = size;
    if (size === written && size > 0) return;
    for (let start = written - (written % PAGE); start < size; start += PAGE) {
      this.#put(pageKey(clientId, start / PAGE), registrations.entries(start, start + PAGE));
    }
    // The page after the last one, when that is full, says that there are no more by not being there.
    if (size % PAGE === 0) this.#storage.delete(pageKey(clientId, size / PAGE));
  }

  #put(key: string, value: unknown): void {
    this.#storage.put(key, Buffer.from(JSON.stringify(value)));
  }

  /** The pages of its topics are forgotten when its session is over, or written anew. */
  forget(clientId: string, registrations: Registrations): void {
    this.#storage.delete(clientId);
    registrations.written = 0;
  }

  /** Forgets those whose sessions are over, in steps. */
  *sweep(): Generator<void> {
    let looked = 0;
    for (const key of this.#storage.keys()) {
      const [clientId = ''] = key.split(OF, 1);
      if (this.#sessionSince(clientId) === undefined) this.#storage.delete(key);
      if (++looked % KEYS_OF_A_STEP === 0) yield;
    }
  }
}

function pageKey(clientId: string, page: number): string {
  return clientId + OF + page;
}

/** Undefined where nothing is stored, or what cannot be understood. */
function parsed<Schema extends z.ZodType>(
  schema: Schema,
  stored: Buffer | undefined,
): z.output<Schema> | undefined {
  if (stored === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(stored.toString()));
  } catch {
    return undefined;
  }
}

function restoredWill({ topic, payload, qos, retain }: z.output<typeof willSchema>): Will {
  return { topic, payload: Buffer.from(payload, 'base64'), qos, retain, properties: undefined, delay: 0 };
}
