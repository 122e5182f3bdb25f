import type { Edition } from '@portico/codec-jt808';
import type { GatewayContext } from '@portico/core';
import { z } from 'zod';

const EDITIONS = [2011, 2013, 2019] as const satisfies readonly Edition[];

const registrationSchema = z.object({
  code: z.string(),
  proven: z.boolean(),
  device: z.string(),
  model: z.string(),
  plate: z.string(),
  edition: z.literal(EDITIONS),
});

/** What is kept of a terminal that has registered. */
export interface Registration {
  /** With which it authenticates. */
  readonly code: string;
  /** Whether a registry has given the code to this terminal, so that it proves who the terminal is. */
  readonly proven: boolean;
  /** Manufacturer and terminal id. */
  readonly device: string;
  /** Of the terminal; empty where it has not told. */
  readonly model: string;
  /** Of the vehicle, or its identification number; empty where it has none. */
  readonly plate: string;
  /** By which its registration was written. */
  readonly edition: Edition;
}

/** The registrations of all terminals, by phone number; they outlive restarts. */
export class Registrations {
  readonly #storage: GatewayContext['storage'];
  readonly #most: number;
  #phones = new Set<string>();

  /** @param most how many are kept */
  constructor(storage: GatewayContext['storage'], most: number) {
    this.#storage = storage;
    this.#most = most;
  }

  /** Counts those that are there from before. */
  prepare(): void {
    this.#phones = new Set(this.#storage.keys());
  }

  /** Undefined for a terminal that has not registered. */
  async get(phone: string): Promise<Registration | undefined> {
    const stored = await this.#storage.get(phone);
    if (stored === undefined) return undefined;
    return registrationSchema.safeParse(JSON.parse(stored.toString())).data;
  }

  /** Keeps the registration of a terminal. @returns false when there are too many */
  keep(phone: string, registration: Registration): boolean {
    if (!this.#phones.has(phone) && this.#phones.size >= this.#most) return false;
    this.#phones.add(phone);
    this.#storage.put(phone, Buffer.from(JSON.stringify(registration)));
    return true;
  }
}

/** What operators are told of a terminal. @param kept of one that has registered */
export function detailsOf(phone: string, kept: Registration | undefined): Record<string, string> {
  if (kept === undefined) return { phone };
  const { device, model, plate } = kept;
  return { phone, device, model, plate };
}
