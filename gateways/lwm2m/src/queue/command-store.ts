import type { GatewayStorage } from '@portico/core';
import { z } from 'zod';

/** Before the number of a command, and between that and its endpoint name; no other key of the gateway has it. */
const PREFIX = 'command\0';
const OF = '\0';

const recordSchema = z.object({
  /** JSON, as it came. */
  text: z.string(),
  /** Milliseconds since 1970; null for never. */
  expiresAt: z.number().nullable(),
  sent: z.boolean(),
});

/** A command as it is stored. */
export interface StoredCommand {
  /** Its place among all commands of the gateway, in the order in which they came. */
  readonly number: number;
  readonly text: string;
  /** Milliseconds since 1970; Infinity for never. */
  readonly expiresAt: number;
  /** Whether the device was sent it: it may have carried it out. */
  readonly sent: boolean;
}

/** The commands that wait, or are on their way, across restarts of the hub. */
export class CommandStore {
  readonly #storage: GatewayStorage;
  /** Numbers of those found at the start, by endpoint name, until their devices are there. */
  readonly #found = new Map<string, number[]>();
  #lastNumber = 0;

  constructor(storage: GatewayStorage) {
    this.#storage = storage;
    for (const key of storage.keys()) {
      if (key.startsWith(PREFIX)) this.#find(key.slice(PREFIX.length));
    }
  }

  #find(key: string): void {
    const end = key.indexOf(OF);
    const number = Number(key.slice(0, Math.max(0, end)));
    const endpoint = key.slice(end + 1);
    if (!Number.isSafeInteger(number) || number <= 0) return;
    this.#lastNumber = Math.max(this.#lastNumber, number);
    const numbers = this.#found.get(endpoint);
    if (numbers === undefined) this.#found.set(endpoint, [number]);
    else numbers.push(number);
  }

  /** A number greater than all others. */
  nextNumber(): number {
    return ++this.#lastNumber;
  }

  save(endpoint: string, { number, text, expiresAt, sent }: StoredCommand): void {
    const record = { text, expiresAt: expiresAt === Number.POSITIVE_INFINITY ? null : expiresAt, sent };
    this.#storage.put(keyOf(endpoint, number), Buffer.from(JSON.stringify(record)));
  }

  forget(endpoint: string, number: number): void {
    this.#storage.delete(keyOf(endpoint, number));
  }

  /** Whether there are any to {@link take}. */
  has(endpoint: string): boolean {
    return this.#found.has(endpoint);
  }

  /** Those of a device that were stored when the hub started, in order; each can be taken once. */
  async take(endpoint: string): Promise<StoredCommand[]> {
    const numbers = this.#found.get(endpoint) ?? [];
    this.#found.delete(endpoint);
    numbers.sort((a, b) => a - b);
    const commands: StoredCommand[] = [];
    for (const number of numbers) {
      const command = read(number, await this.#storage.get(keyOf(endpoint, number)));
      if (command === undefined) this.forget(endpoint, number);
      else commands.push(command);
    }
    return commands;
  }

  /** Forgets those of a device that were stored when the hub started and have not been taken. */
  discard(endpoint: string): void {
    for (const number of this.#found.get(endpoint) ?? []) this.forget(endpoint, number);
    this.#found.delete(endpoint);
  }
}

function keyOf(endpoint: string, number: number): string {
  return PREFIX + number + OF + endpoint;
}

/** Undefined for what cannot be understood. */
function read(number: number, stored: Buffer | undefined): StoredCommand | undefined {
  if (stored === undefined) return undefined;
  try {
    const { text, expiresAt, sent } = recordSchema.parse(JSON.parse(stored.toString()));
    return { number, text, expiresAt: expiresAt ?? Number.POSITIVE_INFINITY, sent };
  } catch {
    return undefined;
  }
}
