import { isIPv4 } from 'node:net';
import { MAX_TOPIC_ID, MIN_TOPIC_ID } from '@portico/codec-mqtt-sn';
import {
  duration,
  mountpointTemplate,
  type PeerAddress,
  qosConfigShape,
  type SessionOptions,
  sessionConfigShape,
  sessionOptions,
  topicNameError,
} from '@portico/core';
import { z } from 'zod';

/** Seconds, in 16 bits. */
const LONGEST_DURATION = 65_535;
const NO_ADDRESS = 'not an IPv4 address and port such as 225.1.1.1:1883';

const topicName = () => z.string().check(z.refine(isTopicName, { error: 'a topic without wildcards' }));
const topicId = () => z.int().min(MIN_TOPIC_ID).max(MAX_TOPIC_ID);

/** The keys below `gateways.mqttsn`. Sections are those of MQTT-SN 1.2. */
export const snConfig = z.object({
  ...sessionConfigShape,
  max_inflight: z
    .int()
    .min(0)
    .max(65535)
    .default(1)
    .describe(
      'QoS 1 and 2 messages on their way to a client; devices need not take more than 1; 0 for no limit',
    ),
  mountpoint: mountpointTemplate().default('').describe('prefix of all topics of these clients'),
  gateway_id: z.int().min(0).max(255).default(1).describe('GwId, which tells clients gateways apart'),
  advertise_address: z
    .string()
    .check(z.refine((text) => text === '' || parseAddress(text) !== undefined, { error: NO_ADDRESS }))
    .default('')
    .describe(
      'broadcast or multicast address and port, such as 225.1.1.1:1883, where ADVERTISE is sent; not set: nowhere',
    ),
  advertise_interval: duration({ from: '1s', to: `${LONGEST_DURATION}s` })
    .prefault('15m')
    .describe('time from one ADVERTISE to the next (T_ADV)'),
  predefined_topics: z
    .record(topicName(), topicId())
    .default({})
    .meta({ title: 'number from 1 to 65534 for each topic' })
    .check(z.refine(isUnambiguous, { error: 'two topics with the same id' }))
    .describe('predefined topic ids by topic, without mountpoint: what devices may use without REGISTER'),
  username: z
    .string()
    .default('')
    .describe('user name with which all these clients log in, since the protocol has none; not set: none'),
  password: z.string().default('').describe('password that goes with username; not set: none'),
  enable_qos3: z
    .boolean()
    .default(false)
    .describe('take PUBLISH of QoS -1, whose sender does not connect, with predefined and short topics'),
  idle_timeout: duration({ from: '10ms', to: '1h', orZero: true })
    .prefault('30s')
    .describe(
      'an address that nobody has connected from and that is silent for so long is forgotten, and a wireless node that does not tell its will; 0 for never',
    ),
  session_expiry_interval: duration({ from: '1s', to: '36500d', orZero: true })
    .prefault('2h')
    .describe('how long a session without clean session outlives its connection'),
  retry_interval: duration({ from: '10ms', to: '1h' })
    .prefault('10s')
    .describe('when to send a message again that is not answered (T_retry)'),
  max_retries: z
    .int()
    .min(0)
    .max(100)
    .default(3)
    .describe('how often, before its client is taken for lost (N_retry)'),
  max_awaiting_rel: qosConfigShape.max_awaiting_rel.describe(
    'QoS 2 messages of a client waiting for its PUBREL; 0 for no limit',
  ),
  await_rel_timeout: qosConfigShape.await_rel_timeout,
  max_topics: z
    .int()
    .min(1)
    .max(MAX_TOPIC_ID)
    .default(1000)
    .describe(
      'topics with an id of one client, of 256 bytes on average; for more, REGISTER is answered with "congestion"',
    ),
  max_clients: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(1_000_000)
    .describe('clients at a time, sleeping ones and those whose address is forgotten included'),
  max_nodes: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1000)
    .describe('wireless nodes behind one forwarder that are connected at a time'),
});

export type SnConfig = z.output<typeof snConfig>;

function isTopicName(text: string): boolean {
  return topicNameError(text) === undefined;
}

function isUnambiguous(topics: Readonly<Record<string, number>>): boolean {
  const ids = Object.values(topics);
  return new Set(ids).size === ids.length;
}

/** The options of the gateway's sessions. */
export function snSessionOptions(config: SnConfig): SessionOptions {
  return sessionOptions(config);
}

/** Undefined for what is no IPv4 address with a port. */
export function parseAddress(text: string): PeerAddress | undefined {
  const [, host = '', digits] = /^([\d.]+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return isIPv4(host) && port > 0 && port <= 65_535 ? { host, port } : undefined;
}
