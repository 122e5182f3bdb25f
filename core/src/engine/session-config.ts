import { z } from 'zod';
import { checkedText } from '../config/checked-text.js';
import { byteSize, duration } from '../config/units.js';
import { topicNameError } from '../topics/topic.js';
import type { QoS } from './message.js';
import type { QueuePriorities } from './priority-queue.js';
import type { SessionOptions } from './types.js';

const count = (most: number) => z.int().min(0).max(most);

/** More than any memory holds. */
const VERY_MANY = 100_000_000;

const topicName = () => checkedText((text) => topicNameError(text));

/** The keys about deliveries that every gateway's section of the configuration has. */
export const deliveryConfigShape = {
  max_inflight: count(65535)
    .default(32)
    .describe('QoS 1 and 2 messages on their way to a client; 0 for no limit'),
  max_mqueue_len: count(VERY_MANY).default(1000).describe('messages that wait for a client; 0 for no limit'),
  mqueue_priorities: z
    .record(topicName(), z.int().min(1).max(255))
    .default({})
    .meta({ title: 'number from 1 to 255 for each topic' })
    .describe(
      'priorities of waiting messages by topic, without mountpoint; the higher goes first, and stays when the queue is full',
    ),
  mqueue_default_priority: z
    .enum(['highest', 'lowest'])
    .default('highest')
    .describe('where messages of all other topics stand among those of mqueue_priorities'),
  force_shutdown: byteSize({ from: '1KB', to: '1024GB', orZero: true })
    .prefault('64MB')
    .describe(
      'a client for which more bytes of messages wait, or are unacknowledged, is disconnected and its session ended; 0 for no limit',
    ),
  max_topic_levels: count(65535).default(128).describe('levels in a topic; 0 for no limit'),
  upgrade_qos: z
    .boolean()
    .default(false)
    .describe('deliver with the QoS of the subscription even when the message has a lower one'),
  ignore_loop_deliver: z
    .boolean()
    .default(false)
    .describe('never deliver a message to the client that published it'),
};

/** And of gateways whose sessions outlive their connections. */
export const sessionConfigShape = {
  ...deliveryConfigShape,
  mqueue_store_qos0: z
    .boolean()
    .default(true)
    .describe('whether QoS 0 messages wait too while a client is away'),
  max_mqueue_bytes: byteSize({ from: '1KB', to: '1024GB', orZero: true })
    .prefault('256MB')
    .describe(
      'bytes of messages that wait on disk for a client whose session outlives its connection; when more would, the oldest are dropped; 0 for no limit',
    ),
  max_subscriptions: count(VERY_MANY).default(1000).describe('subscriptions of one client; 0 for no limit'),
};

/** And of gateways whose protocol has QoS 1 and 2 of its own. */
export const qosConfigShape = {
  retry_interval: duration({ from: '10ms', to: '7d', orZero: true })
    .prefault('30s')
    .describe('when to send an unacknowledged message again; 0 for never'),
  max_awaiting_rel: count(65535)
    .default(100)
    .describe('QoS 2 messages of an MQTT 5 client waiting for its PUBREL; 0 for no limit'),
  await_rel_timeout: duration({ from: '10ms', to: '7d', orZero: true })
    .prefault('300s')
    .describe(
      'when a QoS 2 message that its client, while connected, does not release is forgotten; 0 for never',
    ),
};

const deliveryConfigSchema = z.object(deliveryConfigShape);
/** All of them; what a gateway does not have is left out. */
export const sessionConfigSchema = z.object({ ...sessionConfigShape, ...qosConfigShape });
export type SessionConfig = z.output<typeof deliveryConfigSchema> &
  Partial<z.output<typeof sessionConfigSchema>>;

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
    mqueueStoreQos0: config.mqueue_store_qos0 ?? false,
    priorities: priorities(config),
    maxHeldBytes: config.force_shutdown,
    maxStoredBytes: config.max_mqueue_bytes ?? 0,
    retryInterval: config.retry_interval ?? 0,
    maxAwaitingRel: config.max_awaiting_rel ?? 0,
    awaitRelTimeout: config.await_rel_timeout ?? 0,
    maxSubscriptions: config.max_subscriptions ?? 0,
    maxTopicLevels: config.max_topic_levels,
    upgradeQos: config.upgrade_qos,
    ignoreLoopDeliver: config.ignore_loop_deliver,
    ...EVERYTHING,
    ...limits,
  };
}

/** The QoS that a message is delivered with, MQTT 5 §3.8.4. */
export function effectiveQos({ upgradeQos, maxQos }: SessionOptions, published: QoS, granted: QoS): QoS {
  if (!upgradeQos) return published < granted ? published : granted;
  return Math.min(Math.max(published, granted), maxQos) as QoS;
}

/** Above and below all priorities that can be written down. */
const DEFAULT_PRIORITIES = { highest: Number.POSITIVE_INFINITY, lowest: 0 };

function priorities(config: SessionConfig): QueuePriorities | undefined {
  const byTopic = new Map(Object.entries(config.mqueue_priorities));
  if (byTopic.size === 0) return undefined;
  return { byTopic, others: DEFAULT_PRIORITIES[config.mqueue_default_priority] };
}
