import { z } from 'zod';
import { duration } from '../config/units.js';
import type { QoS } from './message.js';
import type { SessionOptions } from './types.js';

const count = () => z.int().min(0);

/** The keys about sessions that every gateway's section of the configuration has. */
export const sessionConfigShape = {
  max_inflight: count()
    .max(65535)
    .default(32)
    .describe('QoS 1 and 2 messages on their way to a client; 0 for no limit'),
  max_mqueue_len: count().default(1000).describe('messages that wait for a client; 0 for no limit'),
  mqueue_store_qos0: z
    .boolean()
    .default(true)
    .describe('whether QoS 0 messages wait too while a client is away'),
  retry_interval: duration()
    .prefault('30s')
    .describe('when to send an unacknowledged message again; 0 for never'),
  max_awaiting_rel: count()
    .max(65535)
    .default(100)
    .describe('QoS 2 messages of an MQTT 5 client waiting for its PUBREL; 0 for no limit'),
  await_rel_timeout: duration()
    .prefault('300s')
    .describe('when a QoS 2 message that is never released is forgotten'),
  max_subscriptions: count().default(0).describe('subscriptions of one client; 0 for no limit'),
  max_topic_levels: count().max(65535).default(128).describe('levels in a topic; 0 for no limit'),
  upgrade_qos: z
    .boolean()
    .default(false)
    .describe('deliver with the QoS of the subscription even when the message has a lower one'),
  ignore_loop_deliver: z
    .boolean()
    .default(false)
    .describe('never deliver a message to the client that published it'),
};

export const sessionConfigSchema = z.object(sessionConfigShape);
export type SessionConfig = z.output<typeof sessionConfigSchema>;

/** What a protocol allows, where it is not the configuration that decides. */
export type ProtocolLimits = Pick<
  SessionOptions,
  'maxQos' | 'retainAvailable' | 'wildcardSubscription' | 'sharedSubscription'
>;

const EVERYTHING: ProtocolLimits = {
  maxQos: 2 as QoS,
  retainAvailable: true,
  wildcardSubscription: true,
  sharedSubscription: true,
};

/** The session options of a gateway, made of its configuration. */
export function sessionOptions(config: SessionConfig, limits: Partial<ProtocolLimits> = {}): SessionOptions {
  return {
    maxInflight: config.max_inflight,
    maxMqueueLen: config.max_mqueue_len,
    mqueueStoreQos0: config.mqueue_store_qos0,
    retryInterval: config.retry_interval,
    maxAwaitingRel: config.max_awaiting_rel,
    awaitRelTimeout: config.await_rel_timeout,
    maxSubscriptions: config.max_subscriptions,
    maxTopicLevels: config.max_topic_levels,
    upgradeQos: config.upgrade_qos,
    ignoreLoopDeliver: config.ignore_loop_deliver,
    ...EVERYTHING,
    ...limits,
  };
}
