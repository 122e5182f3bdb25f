import { MAX_PAYLOAD_LENGTH } from '@portico/codec-tcp';
import {
  duration,
  mountpointTemplate,
  sessionConfigShape,
  topicFilterTemplate,
  topicNameTemplate,
} from '@portico/core';
import { z } from 'zod';

/** The keys below `gateways.tcp`. Topics may have the placeholders `%c`, `%u` and `%a`. */
export const tcpConfig = z.object({
  ...sessionConfigShape,
  mountpoint: mountpointTemplate().default('').describe('prefix of all topics of these clients'),
  session_expiry_interval: duration({ from: '1s', to: '36500d', orZero: true })
    .prefault(0)
    .describe('how long subscription and waiting messages outlive the connection'),
  idle_timeout: duration({ from: '10ms', to: '1h', orZero: true })
    .prefault('15s')
    .describe('a connection without a CONNECT after this time is closed; 0 for never'),
  up_topic: topicNameTemplate().default('tcp/%c/up').describe('where data of a device is published'),
  up_qos: z.literal([0, 1]).default(0).describe('QoS of what is published'),
  dn_topic: topicFilterTemplate().default('tcp/%c/dn').describe('what a device is sent'),
  dn_qos: z
    .literal([0, 1])
    .default(1)
    .describe('QoS of the subscription; a message written to the connection counts as acknowledged'),
  max_frame_size: z
    .int()
    .min(1)
    .max(MAX_PAYLOAD_LENGTH)
    .default(MAX_PAYLOAD_LENGTH)
    .describe('longest payload of a frame accepted from a device, in bytes'),
});

export type TcpConfig = z.output<typeof tcpConfig>;
