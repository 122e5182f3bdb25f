import {
  byteSize,
  duration,
  mountpointTemplate,
  type ProtocolLimits,
  qosConfigShape,
  type SessionOptions,
  sessionConfigShape,
  sessionOptions,
} from '@portico/core';
import { z } from 'zod';
import { DEFAULT_MAX_TOPIC_ALIAS } from './aliases.js';

/** Greatest packet there can be: four bytes of remaining length, MQTT 5 §2.1.4. */
const LARGEST_PACKET = 268_435_460;

/** The keys below `gateways.mqtt`. */
export const mqttConfig = z.object({
  ...sessionConfigShape,
  ...qosConfigShape,
  mountpoint: mountpointTemplate().default('').describe('prefix of all topics of these clients'),
  idle_timeout: duration({ from: '10ms', to: '1h', orZero: true })
    .prefault('15s')
    .describe('a connection without a CONNECT after this time is closed; 0 for never'),
  max_packet_size: byteSize({ from: '16', to: `${LARGEST_PACKET}` })
    .prefault('1MB')
    .describe('longest packet accepted from a client'),
  max_clientid_len: z
    .int()
    .min(1)
    .max(65535)
    .default(65535)
    .describe('longest client identifier accepted, in bytes'),
  max_qos_allowed: z.literal([0, 1, 2]).default(2).describe('highest QoS that a client may publish with'),
  max_topic_alias: z
    .int()
    .min(0)
    .max(65535)
    .default(DEFAULT_MAX_TOPIC_ALIAS)
    .describe(
      'topic aliases in each direction of a connection; 0 for none (MQTT 5). With more than 32, a client whose aliases stand for over 2 MB of topics is disconnected (0x97)',
    ),
  retain_available: z.boolean().default(true).describe('whether clients may publish retained messages'),
  wildcard_subscription: z.boolean().default(true).describe('whether topic filters may have wildcards'),
  shared_subscription: z.boolean().default(true).describe('whether clients may share subscriptions'),
  denied_subscribe: z
    .enum(['not_authorized', 'unspecified'])
    .default('not_authorized')
    .describe(
      'what MQTT 5 clients are told of a subscription that access control refuses: not_authorized (0x87), or unspecified (0x80), which keeps access rules to yourself',
    ),
  payload_format_validation: z
    .boolean()
    .default(false)
    .describe(
      'refuse messages that say they are UTF-8 text (Payload Format Indicator 1) and are not, with reason code 0x99 (MQTT 5)',
    ),
  response_information: mountpointTemplate()
    .default('')
    .describe(
      'what MQTT 5 clients that ask for it are told to begin their response topics with, such as answers/%c; not set: nothing',
    ),
  server_reference: z
    .string()
    .max(1024)
    .default('')
    .describe(
      'another server, host:port, that MQTT 5 clients are told to use when this one stops (0x9C in place of 0x8B); not set: none',
    ),
  strict_mode: z
    .boolean()
    .default(false)
    .describe(
      'disconnect for strings of ill-formed UTF-8, which is else replaced by U+FFFD, or with control characters, which are else taken, and for ill-formed topic filters, which are else only refused',
    ),
  server_keepalive: z
    .int()
    .min(0)
    .max(65535)
    .default(0)
    .describe(
      'longest keep alive of MQTT 5 clients, in seconds; those that ask for more, or for none, are given this one; 0 for no limit',
    ),
  keepalive_backoff: z
    .number()
    .gt(0.5)
    .max(10)
    .default(0.75)
    .describe('a client is gone when nothing came from it for keep alive × this × 2'),
  session_expiry_interval: duration({ from: '1s', to: '36500d', orZero: true })
    .prefault('2h')
    .describe('how long a session without clean session outlives its connection (before MQTT 5)'),
  use_username_as_clientid: z
    .boolean()
    .default(false)
    .describe('take the user name for the client identifier; clients without one are refused'),
});

export type MqttConfig = z.output<typeof mqttConfig>;

/** The options of the gateway's sessions. */
export function mqttSessionOptions(config: MqttConfig): SessionOptions {
  const limits: ProtocolLimits = {
    maxQos: config.max_qos_allowed,
    retainAvailable: config.retain_available,
    wildcardSubscription: config.wildcard_subscription,
    sharedSubscription: config.shared_subscription,
  };
  return sessionOptions(config, limits);
}
