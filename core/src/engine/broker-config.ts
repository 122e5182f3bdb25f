import { z } from 'zod';
import { byteSize, duration } from '../config/units.js';
import { SHARED_STRATEGIES } from './shared-dispatch.js';

/** The `broker` section of the configuration: what all protocols share. */
export const brokerConfigSchema = z.strictObject({
  shared_subscription_strategy: z
    .enum(SHARED_STRATEGIES)
    .default('random')
    .describe('how a member of a shared subscription is chosen; hash is hash_clientid'),
  shared_dispatch_ack_enabled: z
    .boolean()
    .default(false)
    .describe(
      'give an unacknowledged QoS 1 message of a shared subscription to another member when its member disconnects',
    ),
  slow_consumer_grace: duration({ from: '1ms', to: '10m', orZero: true })
    .prefault('1s')
    .describe(
      'how long publishers are held back for a client that reads too slowly before messages to it are queued and dropped; 0 for never',
    ),
  max_pending_bytes: byteSize({ from: '64KB', to: '1024GB', orZero: true })
    .prefault('512MB')
    .describe(
      'bytes that may wait to be written, over all connections; while more do, a peer gets 64 KiB of them at a time and further messages wait in its queue; 0 for no limit',
    ),
  sys_interval: duration({ from: '10ms', to: '1d', orZero: true })
    .prefault('1m')
    .describe('how often the hub publishes its version, statistics and counters under $SYS; 0 for never'),
  sys_heartbeat: duration({ from: '10ms', to: '1d', orZero: true })
    .prefault('30s')
    .describe('how often the hub publishes its uptime and the time of day under $SYS; 0 for never'),
  sys_client_events: z
    .boolean()
    .default(true)
    .describe('publish under $SYS that a client connected or disconnected'),
  retained: z
    .strictObject({
      max_retained_messages: z
        .int()
        .min(0)
        .max(1_000_000_000)
        .default(0)
        .describe('retained messages stored; 0 for no limit'),
      max_payload_size: byteSize({ from: '1', to: '256MB', orZero: true })
        .prefault('1MB')
        .describe('larger retained messages are delivered but not stored; 0 for no limit'),
      expiry_interval: duration({ from: '1s', to: '36500d', orZero: true })
        .prefault(0)
        .describe('when a retained message without an expiry of its own is forgotten; 0 for never'),
      stop_publish_clear_msg: z
        .boolean()
        .default(false)
        .describe('do not deliver the empty message that clears a retained one'),
    })
    .prefault({})
    .describe('retained messages'),
  delayed: z
    .strictObject({
      enable: z
        .boolean()
        .default(true)
        .describe(
          'whether $delayed/<seconds>/<topic> means to publish later; if not, it is a topic like any other',
        ),
      max_delayed_messages: z
        .int()
        .min(0)
        .max(10_000_000)
        .default(100_000)
        .describe('messages that may wait for their time; 0 for no limit'),
      max_bytes: byteSize({ from: '1KB', to: '1024GB', orZero: true })
        .prefault('256MB')
        .describe('bytes that they may take together in the store; 0 for no limit'),
    })
    .prefault({})
    .describe('messages that are to be published later'),
});

export type BrokerConfig = z.output<typeof brokerConfigSchema>;
