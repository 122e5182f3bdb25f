import { keepBytes } from '@portico/coap-endpoint';
import type { Clock, GatewayStorage } from '@portico/core';
import { z } from 'zod';
import type { Device, DeviceInit } from './device.js';

/** Before the endpoint name of a device: its key. */
const PREFIX = 'device\0';
/** First byte of a record: how the rest is written. */
const FORMAT = 1;
const FORMAT_MARK = String.fromCharCode(FORMAT);
/**
 * How much of its lifetime may go by before an update that changes nothing else is written down. A device whose hub
 * falls is given that much more.
 */
const SLACK = 0.25;
/** Records that are read at a time. */
const SLICE = 256;

const recordSchema = z.object({
  location: z.string(),
  listener: z.string(),
  host: z.string(),
  port: z.int(),
  owner: z.string().optional(),
  username: z.string().optional(),
  superuser: z.boolean(),
  anonymous: z.boolean(),
  /** Milliseconds since 1970. */
  expires: z.number(),
  updated: z.number(),
  lwm2m: z.string(),
  lifetime: z.number(),
  binding: z.string().optional(),
  queue: z.boolean(),
  sms: z.string().optional(),
  others: z.array(z.tuple([z.string(), z.union([z.string(), z.literal(true)])])),
  paths: z.array(z.string()),
  versions: z.array(z.tuple([z.number(), z.string()])),
  alternatePath: z.string(),
  contentFormats: z.array(z.number()),
});

type DeviceRecord = z.input<typeof recordSchema>;

/** A device as it is remembered. */
export interface RememberedDevice extends DeviceInit {
  /** Milliseconds that its lifetime lasts from now on; negative when it is over. */
  readonly left: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

/** What is remembered of the devices of all zones across restarts of the hub, by endpoint name. */
export class DeviceRecords {
  readonly #storage: GatewayStorage;
  readonly #clock: Clock;

  constructor({ storage, clock }: { readonly storage: GatewayStorage; readonly clock: Clock }) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Writes a device down as it is now. */
  save(device: Device): void {
    device.storedDeadline = device.deadline;
    const left = device.deadline - this.#clock.monotonic();
    const record = recordOf(device, this.#clock.now() + left);
    const bytes = Buffer.from(FORMAT_MARK + JSON.stringify(record));
    this.#storage.put(PREFIX + device.endpoint, keepBytes(bytes));
  }

  /** Writes down how long a device lives, unless what is written is near enough. */
  saveDeadline(device: Device): void {
    const slack = device.registration.lifetime * 1000 * SLACK;
    if (Math.abs(device.deadline - device.storedDeadline) > slack) this.save(device);
  }

  forget({ endpoint }: { readonly endpoint: string }): void {
    this.#storage.delete(PREFIX + endpoint);
  }

  /**
   * Reads what is remembered, some at a time. What cannot be understood, as that of a later version of the hub, is left
   * as it is.
   * @param strange told how many records those are, if there are any
   */
  async *load(strange: (count: number) => void): AsyncGenerator<RememberedDevice> {
    const keys = [...this.#storage.keys()].filter((key) => key.startsWith(PREFIX));
    let left = 0;
    for (let at = 0; at < keys.length; at += SLICE) {
      const slice = keys.slice(at, at + SLICE);
      const values = await Promise.all(slice.map((key) => this.#storage.get(key)));
      for (const [index, key] of slice.entries()) {
        const device = this.#read(key.slice(PREFIX.length), values[index]);
        if (device === undefined) left++;
        else yield device;
      }
    }
    if (left > 0) strange(left);
  }

  #read(endpoint: string, stored: Buffer | undefined): RememberedDevice | undefined {
    const record = parsed(stored);
    return record && rememberedDevice(endpoint, record, this.#clock.now());
  }
}

function recordOf(device: Device, expires: number): DeviceRecord {
  const { location, owner, login, registration, whereabouts, updatedAt: updated } = device;
  const { objects, ...told } = registration;
  return {
    location,
    owner,
    listener: whereabouts.listener,
    host: whereabouts.peer.host,
    port: whereabouts.peer.port,
    username: login.username,
    superuser: login.isSuperuser,
    anonymous: login.anonymous,
    expires,
    updated,
    ...told,
    others: told.others.map(([name, value]) => [name, value]),
    paths: [...objects.paths],
    versions: [...objects.versions],
    alternatePath: objects.alternatePath,
    contentFormats: [...objects.contentFormats],
  };
}

/** Undefined where nothing is stored, or what cannot be understood. */
function parsed(stored: Buffer | undefined): z.output<typeof recordSchema> | undefined {
  if (stored?.[0] !== FORMAT) return undefined;
  try {
    return recordSchema.parse(JSON.parse(stored.toString('utf8', 1)));
  } catch {
    return undefined;
  }
}

function rememberedDevice(
  endpoint: string,
  record: z.output<typeof recordSchema>,
  now: number,
): RememberedDevice {
  const { lwm2m, lifetime, binding, queue, sms, others, alternatePath, paths, contentFormats } = record;
  const versions = new Map(record.versions);
  const objects = { paths, versions, alternatePath, contentFormats };
  return {
    endpoint,
    location: record.location,
    owner: record.owner,
    registration: { lwm2m, lifetime, binding, queue, sms, others, objects },
    login: {
      username: record.username,
      isSuperuser: record.superuser,
      anonymous: record.anonymous,
    },
    whereabouts: { listener: record.listener, peer: { host: record.host, port: record.port } },
    left: record.expires + lifetime * 1000 * SLACK - now,
    updatedAt: record.updated,
  };
}
