import { coapEndpointConfigShape, coapRequestConfigShape } from '@portico/coap-endpoint';
import { parsePath } from '@portico/codec-lwm2m';
import {
  duration,
  mountpointTemplate,
  type SessionOptions,
  sessionConfigShape,
  sessionOptions,
} from '@portico/core';
import { z } from 'zod';
import { commandConfigShape } from './commands/command-config.js';
import { firmwareConfig } from './firmware/firmware-config.js';
import { TOPIC_LETTERS, topicsConfig } from './topics-config.js';

/** The keys below `gateways.lwm2m`. */
export const lwm2mConfig = z
  .object({
    ...sessionConfigShape,
    ...coapEndpointConfigShape,
    ...coapRequestConfigShape,
    mountpoint: mountpointTemplate(TOPIC_LETTERS)
      .default('lwm2m/%e/')
      .describe('prefix of all topics of these devices; %e is the endpoint name'),
    lifetime_min: duration({ from: '1s', to: '365d' })
      .prefault('1s')
      .describe('shortest lifetime with which a device may register'),
    lifetime_max: duration({ from: '1s', to: '365d' })
      .prefault('86400s')
      .describe('longest lifetime with which a device may register'),
    identity_is_endpoint: z
      .boolean()
      .default(false)
      .describe(
        'whether the identity of the pre-shared key of a device has to be its endpoint name, and no other peer may register by it',
      ),
    qmode_time_window: duration({ from: '1s', to: '1d' })
      .prefault('22s')
      .describe('how long a device in queue mode is taken to be awake after it was heard'),
    auto_observe: z
      .union([z.boolean(), z.array(z.string().check(z.refine(isPath, { error: 'not a path such as /3/0' })))])
      .default(false)
      .describe(
        'what to observe when a device registers: false, true for all that it lists, or a list of paths',
      ),
    ...commandConfigShape,
    firmware: firmwareConfig
      .prefault({})
      .describe('packages with new software, which devices are sent or fetch'),
    topics: topicsConfig.prefault({}),
    update_msg_publish_condition: z
      .enum(['contains_object_list', 'always'])
      .default('contains_object_list')
      .describe('which updates of registrations are published: those that list objects, or all (always)'),
    xml_dir: z
      .string()
      .optional()
      .describe(
        'folder with object definitions (XML of the OMA), beside those that are shipped; not set: none',
      ),
    max_devices: z.int().min(1).max(10_000_000).default(1_000_000).describe('registered devices at a time'),
    max_devices_per_peer: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(100)
      .describe('registered devices at a time that spoke last from the same address; more for concentrators'),
  })
  .check(
    z.refine(({ lifetime_min, lifetime_max }) => lifetime_min <= lifetime_max, {
      path: ['lifetime_max'],
      error: 'shorter than lifetime_min',
    }),
  );

export type Lwm2mConfig = z.output<typeof lwm2mConfig>;

/** What sessions of LwM2M devices are like. */
export function lwm2mSessionOptions(config: Lwm2mConfig): SessionOptions {
  return sessionOptions(config, { maxQos: 1 });
}

function isPath(text: string): boolean {
  const path = parsePath(text);
  return path !== undefined && path.length > 0;
}
