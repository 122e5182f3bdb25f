import {
  byteSize,
  CLIENT_LETTERS,
  duration,
  mountpointTemplate,
  type SessionOptions,
  serviceUrl,
  sessionConfigShape,
  sessionOptions,
  topicFilterTemplate,
  topicNameTemplate,
} from '@portico/core';
import { z } from 'zod';

/** Beside those of every client: `%p` the phone number, `%i` manufacturer and id as the terminal registered. */
const LETTERS = `${CLIENT_LETTERS}pi`;

/** A terminal is sent one command at a time, whatever QoS it was published with. */
const { max_inflight, upgrade_qos, ...sessionShape } = sessionConfigShape;

const urlOrNone = () =>
  z
    .union([z.literal(''), serviceUrl()])
    .meta({ title: 'URL of http or https, or empty' })
    .default('');

/** The keys below `gateways.jt808`. */
export const jt808Config = z.object({
  ...sessionShape,
  mountpoint: mountpointTemplate(LETTERS).default('').describe('prefix of all topics of these clients'),
  idle_timeout: duration({ from: '10ms', to: '1h', orZero: true })
    .prefault('15s')
    .describe('a connection whose terminal is not authenticated after this time is closed; 0 for never'),
  keepalive: duration({ from: '1s', to: '30d', orZero: true })
    .prefault('300s')
    .describe('a terminal is gone when it was silent for this time; 0 for never'),
  session_expiry_interval: duration({ from: '1s', to: '36500d', orZero: true })
    .prefault('2h')
    .describe('how long commands wait for a terminal that is away; 0 for not at all'),
  registry_url: urlOrNone().describe(
    'HTTP service that is asked whether a terminal may register, and for its authentication code; not set: all may',
  ),
  authentication_url: urlOrNone().describe(
    'HTTP service that is asked about the authentication code of a terminal for which none is kept; not set: access control is asked',
  ),
  http_timeout: duration({ from: '10ms', to: '5m' })
    .prefault('5s')
    .describe('how long an answer of these services may take'),
  max_terminals: z
    .int()
    .min(1)
    .max(100_000_000)
    .default(1_000_000)
    .describe('registered terminals that are remembered; no more may register'),
  up_topic: topicNameTemplate(LETTERS)
    .default('jt808/%c/up')
    .describe('where messages of a terminal are published'),
  up_topic_per_message: z
    .boolean()
    .default(false)
    .describe('whether up_topic is followed by the id of the message: jt808/%c/up/0x0200'),
  dn_topic: topicFilterTemplate(LETTERS)
    .default('jt808/%c/dn')
    .describe('where commands for a terminal are published'),
  format: z
    .enum(['raw', 'scaled'])
    .default('raw')
    .describe(
      'how locations are published: raw, the integers that the terminal sends, or scaled, in degrees, km/h, km and litres with an ISO 8601 time',
    ),
  encryption: z
    .strictObject({
      rsa_key_file: z
        .string()
        .min(1)
        .optional()
        .describe(
          'file with the private key of RSA (OAEP) of the hub, 1,024 bits, PEM without password; without one, bodies that are encrypted are passed on as base64',
        ),
      rsa_oaep_hash: z
        .enum(['sha1', 'sha256'])
        .default('sha1')
        .describe('the hash of OAEP that terminals use'),
    })
    .prefault({})
    .describe('with what encrypted bodies are read, and those of commands encrypted'),
  string_encoding: z.enum(['gbk', 'utf8']).default('gbk').describe('how text stands in messages'),
  max_frame_size: z
    .int()
    .min(64)
    .max(65_536)
    .default(8192)
    .describe('bytes of the longest frame accepted from a terminal, with its escapes'),
  retry_interval: duration({ from: '10ms', to: '1h' })
    .prefault('8s')
    .describe('when a command that was not answered is sent again'),
  max_retries: z.int().min(0).max(100).default(3).describe('how often, before it is given up'),
  max_mqueue_len: z
    .int()
    .min(0)
    .max(100_000)
    .default(10)
    .describe('commands that wait for a terminal; 0 for no limit'),
  max_partial_messages: z
    .int()
    .min(1)
    .max(100)
    .default(8)
    .describe('messages of a terminal whose parts are awaited at a time'),
  max_partial_bytes: byteSize({ from: '1KB', to: '64MB' }).prefault('1MB').describe('bytes of their parts'),
  parts_timeout: duration({ from: '100ms', to: '10m' })
    .prefault('5s')
    .describe('when missing parts are asked for, up to three times'),
});

export type Jt808Config = z.output<typeof jt808Config>;

/** The options of the gateway's sessions. */
export function jt808SessionOptions(config: Jt808Config): SessionOptions {
  return sessionOptions({ ...config, max_inflight: 1, upgrade_qos: true }, { maxQos: 1 });
}
