import { BLOCK_SIZES } from '@portico/codec-coap';
import {
  byteSize,
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
  max_payload_size: byteSize({ from: '1', to: '16MB' })
    .prefault('1MB')
    .describe('longest payload taken or sent, in one message or in blocks'),
  max_block_size: z
    .literal(BLOCK_SIZES)
    .default(1024)
    .describe(
      'bytes of a block (RFC 7959) that is sent, or that a peer is asked to send, unless it wants less',
    ),
  max_transfers: z
    .int()
    .min(1)
    .max(1024)
    .default(8)
    .describe('payloads of one peer on their way in blocks at a time, each way; then the oldest is dropped'),
  max_transfers_size: byteSize({ from: '4KB', to: '64GB' })
    .prefault('64MB')
    .describe(
      'bytes held of payloads of all peers on their way in blocks, each way, at least one; then the oldest is dropped',
    ),
  transfer_timeout: duration({ from: '1s', to: '1d' })
    .prefault('247s')
    .describe('a payload in blocks is dropped when so long no block of it has come or been asked for'),
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
  max_exchanges: z
    .int()
    .min(1)
    .max(1024)
    .default(64)
    .describe('requests of one peer remembered, to answer each once however often it arrives'),
  max_exchanges_total: z
    .int()
    .min(0)
    .max(100_000_000)
    .default(200_000)
    .describe(
      'the same for all peers together, beside the last four requests of each; about 500 bytes each, and the answer',
    ),
  ack_timeout: duration({ from: '10ms', to: '1m' })
    .prefault('2s')
    .describe('time until a confirmable message is first sent again (ACK_TIMEOUT)'),
  ack_random_factor: z
    .number()
    .min(1)
    .max(10)
    .default(1.5)
    .describe('the first time-out is random between ack_timeout and so many times that'),
  max_retransmit: z
    .int()
    .min(0)
    .max(10)
    .default(4)
    .describe('how often a confirmable message is sent again, the time-out doubling each time'),
  probing_rate: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(1)
    .describe('bytes a second of non-confirmable notifications to a silent peer, after 4 KiB (PROBING_RATE)'),
  echo: z
    .boolean()
    .default(false)
    .describe(
      'whether an address has to echo a value (RFC 9175) before it gets notifications, or a response more than three times as long as its request',
    ),
});

export type CoapConfig = z.output<typeof coapConfig>;

/** What sessions of CoAP clients are like. */
export function coapSessionOptions(config: CoapConfig): SessionOptions {
  return sessionOptions(config);
}
