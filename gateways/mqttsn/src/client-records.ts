import type { GatewayContext, GatewayStorage, Will } from '@portico/core';
import { z } from 'zod';

const willSchema = z.object({
  topic: z.string(),
  payload: z.base64(),
  qos: z.literal([0, 1, 2]),
  retain: z.boolean(),
});

const recordSchema = z.object({
  place: z.string(),
  asleep: z.boolean(),
  /** Seconds. */
  sleepDuration: z.number(),
  cleanSession: z.boolean(),
  will: willSchema.optional(),
  topics: z.array(z.tuple([z.number(), z.string()])),
});

/** What is remembered of a client across its connections and restarts of the hub, beside its session. */
export interface ClientRecord {
  /** Where it was reached last, see `Endpoint.place`. */
  readonly place: string;
  /** Whether it sleeps, or is awake for a moment. */
  readonly asleep: boolean;
  /** Seconds that it announced. */
  readonly sleepDuration: number;
  readonly cleanSession: boolean;
  /** It is kept until it is deleted or a clean session begins, MQTT-SN 1.2 §6.3. */
  readonly will: Will | undefined;
  /** See `Registrations.entries`. */
  readonly topics: readonly (readonly [id: number, topic: string])[];
}

/**
 * The records of all clients whose sessions outlive their connections, by client id; of all zones. One is good for as
 * long as the hub has a session of its client.
 */
export class ClientRecords {
  readonly #storage: GatewayStorage;
  readonly #hasSession: (clientId: string) => boolean;

  constructor({ storage, hasSession }: Pick<GatewayContext, 'storage' | 'hasSession'>) {
    this.#storage = storage;
    this.#hasSession = hasSession;
  }

  /** Undefined where there is none that is still good. */
  async load(clientId: string): Promise<ClientRecord | undefined> {
    if (!this.#hasSession(clientId)) return undefined;
    const stored = await this.#storage.get(clientId);
    return stored && parse(stored);
  }

  save(clientId: string, record: ClientRecord): void {
    const will = record.will && { ...record.will, payload: record.will.payload.toString('base64') };
    this.#storage.put(clientId, Buffer.from(JSON.stringify({ ...record, will })));
  }

  forget(clientId: string): void {
    this.#storage.delete(clientId);
  }

  /** Forgets those whose sessions are over. */
  sweep(): void {
    for (const clientId of [...this.#storage.keys()]) {
      if (!this.#hasSession(clientId)) this.forget(clientId);
    }
  }
}

function parse(stored: Buffer): ClientRecord | undefined {
  const result = recordSchema.safeParse(JSON.parse(stored.toString()));
  if (!result.success) return undefined;
  const { will, ...rest } = result.data;
  return { ...rest, will: will && restoredWill(will) };
}

function restoredWill({ topic, payload, qos, retain }: z.output<typeof willSchema>): Will {
  return { topic, payload: Buffer.from(payload, 'base64'), qos, retain, properties: undefined, delay: 0 };
}
