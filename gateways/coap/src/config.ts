import { coapEndpointConfigShape } from '@portico/coap-endpoint';
import {
  deliveryConfigShape,
  duration,
  mountpointTemplate,
  type SessionOptions,
  sessionOptions,
} from '@portico/core';
import { z } from 'zod';

/** The keys below `gateways.coap`. */
export const coapConfig = z.object({
  ...deliveryConfigShape,
  mountpoint: mountpointTemplate().default('').describe('prefix of all topics of these clients'),
  keepalive: duration({ from: '1s', to: '30d', orZero: true })
    .prefault('120s')
    .describe('a client that is silent for so long, and does not answer a ping, is gone; 0 for never'),
  connection_required: z
    .boolean()
    .default(false)
    .describe('whether devices have to open a connection first (POST /mqtt/connection) and show its token'),
  ps_dialect: z
    .enum(['draft', 'emqx', 'both'])
    .default('both')
    .describe('what /ps speaks: draft-ietf-core-coap-pubsub, /ps/{topic} of EMQX 5, or both'),
  max_ps_topics: z.int().min(0).max(1_000_000).default(10_000).describe('topics that clients create in /ps'),
  max_ps_topics_per_client: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(100)
    .describe('topics that one client creates in /ps'),
  plain_get: z
    .enum(['heartbeat', 'retained'])
    .default('heartbeat')
    .describe(
      'answer to a GET without Observe: nothing (heartbeat) or the retained message of the topic (retained)',
    ),
  denied_publish: z
    .enum(['accept', 'reject'])
    .default('accept')
    .describe('answer to a publication that access control drops: accept for 2.04, reject for 4.03'),
  notify_type: z
    .enum(['con', 'non'])
    .default('con')
    .describe('whether notifications are sent confirmable (con) or not (non)'),
  max_notify_queue: z
    .int()
    .min(1)
    .max(65535)
    .default(100)
    .describe('notifications that wait for one peer while another is unacknowledged; the oldest is dropped'),
  max_observations: z.int().min(1).max(65535).default(100).describe('observations of one client'),
  max_clients: z.int().min(1).max(10_000_000).default(1_000_000).describe('clients at a time'),
  max_clients_per_peer: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(100)
    .describe('clients at a time that came in from the same peer; more for concentrators and proxies'),
  probing_rate: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(1)
    .describe('bytes a second of non-confirmable notifications to a silent peer, after 4 KiB (PROBING_RATE)'),
  ...coapEndpointConfigShape,
});

export type CoapConfig = z.output<typeof coapConfig>;

/** What sessions of CoAP clients are like. */
export function coapSessionOptions(config: CoapConfig): SessionOptions {
  return sessionOptions(config);
}
