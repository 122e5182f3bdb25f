import type { Clock, GatewayStorage, Will } from '@portico/core';
import { z } from 'zod';
import { toleratedSilence } from './states.js';

const willSchema = z.object({
  topic: z.string(),
  payload: z.base64(),
  qos: z.literal([0, 1, 2]),
  retain: z.boolean(),
});

const recordSchema = z.object({
  place: z.string(),
  /** Milliseconds since 1970 until when its sleep is awaited; 0 when it does not sleep. */
  asleepUntil: z.number(),
  /** Seconds. */
  sleepDuration: z.number(),
  cleanSession: z.boolean(),
  will: willSchema.optional(),
  topics: z.array(z.tuple([z.number(), z.string()])),
  /** Milliseconds since 1970 when nobody needs it any more; undefined while the client is connected. */
  expiresAt: z.number().optional(),
});

/** What is remembered of a client across its connections and restarts of the hub, beside its session. */
export interface ClientRecord {
  /** Where it was reached last, see `Endpoint.place`. */
  readonly place: string;
  /** Milliseconds since 1970 until when its sleep is awaited; 0 when it does not sleep. */
  readonly asleepUntil: number;
  /** Seconds that it announced. */
  readonly sleepDuration: number;
  readonly cleanSession: boolean;
  /** It is kept until it is deleted or a clean session begins, MQTT-SN 1.2 §6.3. */
  readonly will: Will | undefined;
  /** See `Registrations.entries`. */
  readonly topics: readonly (readonly [id: number, topic: string])[];
  /** Milliseconds since 1970 when nobody needs it any more; undefined while the client is connected. */
  readonly expiresAt: number | undefined;
}

/** The records of all clients whose sessions outlive their connections, by client id. */
export class ClientRecords {
  readonly #storage: GatewayStorage;
  readonly #clock: Clock;

  constructor(storage: GatewayStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Undefined where there is none that is still good. */
  async load(clientId: string): Promise<ClientRecord | undefined> {
    const stored = await this.#storage.get(clientId);
    const record = stored && parse(stored);
    if (record?.expiresAt !== undefined && record.expiresAt <= this.#clock.now()) return undefined;
    return record;
  }

  save(clientId: string, record: ClientRecord): void {
    const will = record.will && { ...record.will, payload: record.will.payload.toString('base64') };
    this.#storage.put(clientId, Buffer.from(JSON.stringify({ ...record, will })));
  }

  forget(clientId: string): void {
    this.#storage.delete(clientId);
  }

  /**
   * Forgets those that nobody needs any more.
   * @param isConnected whether a client is
   * @param expiry milliseconds that are left to clients that were connected when the hub fell, and have not come back
   */
  async sweep(isConnected: (clientId: string) => boolean, expiry: number): Promise<void> {
    for (const clientId of [...this.#storage.keys()]) {
      const record = await this.load(clientId);
      if (isConnected(clientId)) continue;
      if (record === undefined) this.forget(clientId);
      else if (record.expiresAt === undefined) this.#letExpire(clientId, record, expiry);
    }
  }

  #letExpire(clientId: string, record: ClientRecord, expiry: number): void {
    const longest = Math.max(expiry, toleratedSilence(record.sleepDuration));
    this.save(clientId, { ...record, expiresAt: this.#clock.now() + longest });
  }
}

function parse(stored: Buffer): ClientRecord | undefined {
  const result = recordSchema.safeParse(JSON.parse(stored.toString()));
  if (!result.success) return undefined;
  const { will, expiresAt, ...rest } = result.data;
  return { ...rest, expiresAt, will: will && restoredWill(will) };
}

function restoredWill({ topic, payload, qos, retain }: z.output<typeof willSchema>): Will {
  return { topic, payload: Buffer.from(payload, 'base64'), qos, retain, properties: undefined, delay: 0 };
}
