import type { TypeOf } from '@portico/codec-lwm2m';
import type { GatewayStorage } from '@portico/core';
import { z } from 'zod';
import { readCommand, readCommandText, textOfCommand } from '../commands/parse-command.js';
import { Observation, subjectOf } from './observation.js';

/** Before an endpoint name; no other key of the gateway has it. */
const PREFIX = 'observations\0';

const recordSchema = z.array(
  z.object({
    /** In hexadecimal. */
    token: z.string(),
    /** The command, as JSON. */
    text: z.string(),
  }),
);

/** The observations of devices across restarts of the hub. */
export class ObservationStore {
  readonly #storage: GatewayStorage;
  /** Endpoint names of those with a record. */
  readonly #stored = new Set<string>();

  constructor(storage: GatewayStorage) {
    this.#storage = storage;
    for (const key of storage.keys()) {
      if (key.startsWith(PREFIX)) this.#stored.add(key.slice(PREFIX.length));
    }
  }

  /** @param observations all that the device has; none to forget it */
  save(endpoint: string, observations: readonly Observation[]): void {
    if (observations.length === 0) {
      this.forget(endpoint);
      return;
    }
    const record = observations.map(({ token, command }) => ({
      token: token.toString('hex'),
      text: textOfCommand(command),
    }));
    this.#stored.add(endpoint);
    this.#storage.put(PREFIX + endpoint, Buffer.from(JSON.stringify(record)));
  }

  forget(endpoint: string): void {
    if (this.#stored.delete(endpoint)) this.#storage.delete(PREFIX + endpoint);
  }

  has(endpoint: string): boolean {
    return this.#stored.has(endpoint);
  }

  /** None where nothing is stored, or what cannot be understood. */
  async load(endpoint: string, typeOf: TypeOf): Promise<Observation[]> {
    if (!this.#stored.has(endpoint)) return [];
    const stored = await this.#storage.get(PREFIX + endpoint);
    try {
      const record = recordSchema.parse(JSON.parse(stored?.toString() ?? '[]'));
      const observations = record.map(({ token, text }) => {
        const command = readCommand(readCommandText(text), typeOf);
        return new Observation(Buffer.from(token, 'hex'), command);
      });
      return observations.filter(({ command }) => subjectOf(command.operation) !== undefined);
    } catch {
      return [];
    }
  }
}
