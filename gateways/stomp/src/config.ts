import {
  byteSize,
  duration,
  mountpointTemplate,
  type SessionOptions,
  sessionConfigShape,
  sessionOptions,
} from '@portico/core';
import { z } from 'zod';

/** The keys below `gateways.stomp`. */
export const stompConfig = z.object({
  ...sessionConfigShape,
  mountpoint: mountpointTemplate().default('').describe('prefix of all topics of these clients'),
  idle_timeout: duration({ from: '10ms', to: '1h', orZero: true })
    .prefault('15s')
    .describe('a connection without a CONNECT after this time is closed; 0 for never'),
  max_headers: z.int().min(1).max(1000).default(10).describe('headers of a frame'),
  max_header_length: z.int().min(16).max(65_536).default(1024).describe('bytes of a header, with its name'),
  max_body_length: byteSize({ from: '1', to: '64MB' })
    .prefault(8192)
    .describe('longest body accepted from a client'),
  default_login: z
    .string()
    .default('guest')
    .describe('user name of clients whose CONNECT has no login; empty: they have none'),
  default_passcode: z.string().default('guest').describe('their password'),
  destination_prefixes: z
    .boolean()
    .default(false)
    .describe(
      'whether the destination /topic/a is the topic a, and /queue/a shared by all who subscribe to it ($queue/a); else destinations are topics as they are',
    ),
  send_qos: z
    .literal([0, 1, 2])
    .default(1)
    .describe('QoS of messages that clients SEND without a header qos'),
  min_heart_beat: duration({ from: '10ms', to: '1h' })
    .prefault('1s')
    .describe('shortest time between two heart-beats, both ways; clients that want a shorter one get this'),
  heart_beat_tolerance: z
    .number()
    .min(1)
    .max(10)
    .default(2)
    .describe('a client is gone when nothing came from it for this many times the interval agreed on'),
  session_expiry_interval: duration({ from: '1s', to: '36500d' })
    .prefault('2h')
    .describe('how long durable subscriptions outlive the connection, with the messages that wait for them'),
  max_transactions: z
    .int()
    .min(0)
    .max(1000)
    .default(8)
    .describe('transactions of a client that are open at a time'),
  max_transaction_frames: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('frames of a transaction; together they may have as many bytes as 8 of the longest frames'),
});

export type StompConfig = z.output<typeof stompConfig>;

/** The options of the gateway's sessions. */
export function stompSessionOptions(config: StompConfig): SessionOptions {
  return sessionOptions(config, { maxQos: 2 });
}
