import {
  byteSize,
  CLIENT_LETTERS,
  deliveryConfigShape,
  duration,
  mountpointTemplate,
  topicFilterTemplate,
  topicNameTemplate,
} from '@portico/core';
import { z } from 'zod';

/** The placeholders of topics: `%v` is the VIN whose messages these are. */
const TOPIC_LETTERS = `v${CLIENT_LETTERS}`;

const key = (cipher: string) =>
  z
    .string()
    .regex(/^(?:[0-9a-fA-F]{32})?$/, '32 hexadecimal digits')
    .default('')
    .describe(
      `key of ${cipher} (ECB, PKCS #7), as 32 hexadecimal digits; without one, data that are encrypted with it are passed on as base64`,
    );

const keyFile = (cipher: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(
      `file with the private key of ${cipher}, PEM without password; without one, data that are encrypted for it are passed on as base64`,
    );

/** The keys below `gateways.gbt32960`. */
export const gbt32960Config = z.object({
  ...deliveryConfigShape,
  mountpoint: mountpointTemplate().default('').describe('prefix of all topics of these clients'),
  idle_timeout: duration({ from: '10ms', to: '1h', orZero: true })
    .prefault('30s')
    .describe('a connection without a login after this time is closed; 0 for never'),
  keepalive: duration({ from: '1s', to: '1d', orZero: true })
    .prefault('5m')
    .describe('a vehicle or platform from which nothing came for this time is gone; 0 for never'),
  up_topic: topicNameTemplate(TOPIC_LETTERS)
    .default('gbt32960/%v/upstream')
    .describe(
      'where messages of a VIN are published, %v; vlogin, vlogout, info, reinfo, plogin, plogout, response, transparent or cells is added as the last level',
    ),
  up_qos: z.literal([0, 1]).default(1).describe('QoS of what is published'),
  dn_topic: topicFilterTemplate(TOPIC_LETTERS)
    .refine((topic) => topic.includes('%v'), '%v is needed: the VIN that a command is for')
    .default('gbt32960/%v/dnstream')
    .describe('where commands for a VIN are taken from; %v, the VIN, is needed'),
  dn_qos: z
    .literal([0, 1])
    .default(1)
    .describe('QoS of the subscription; a command that was taken counts as acknowledged'),
  format: z
    .enum(['raw', 'scaled'])
    .default('raw')
    .describe(
      'how quantities of a report are published: raw, the integers of the standard; scaled, in their units, null where abnormal or invalid',
    ),
  assemble_cells: z
    .boolean()
    .default(false)
    .describe(
      'whether the voltages of a battery that come in several reports are published once more when all are there, as one message; cells is added to up_topic as the last level',
    ),
  duplicate_vin: z
    .enum(['take_over', 'refuse'])
    .default('take_over')
    .describe(
      'what a second login of a VIN that is connected does: end the first connection, or be answered by VIN repeated',
    ),
  max_vehicles: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(100_000)
    .describe('VINs that a platform may bring on one connection'),
  max_frame_size: byteSize({ from: '64B', to: '64KB' }).prefault('8KB').describe('longest frame accepted'),
  retry_interval: duration({ from: '10ms', to: '1h' })
    .prefault('8s')
    .describe('when a command that was not answered is sent again'),
  max_retries: z.int().min(0).max(100).default(3).describe('how often it is sent again'),
  max_queued_commands: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe('commands of one VIN that wait while another one awaits its answer'),
  decryption: z
    .strictObject({
      aes128_secret: key('AES-128'),
      sm4_secret: key('SM4'),
      rsa_key_file: keyFile('RSA (OAEP)'),
      rsa_oaep_hash: z
        .enum(['sha1', 'sha256'])
        .default('sha256')
        .describe('the hash of OAEP that vehicles use with RSA'),
      sm2_key_file: keyFile('SM2'),
    })
    .prefault({})
    .describe(
      'with what encrypted data are decrypted, unless vehicle_keys_file or a key exchange has a key for the vehicle or its platform',
    ),
  vehicle_keys_file: z
    .string()
    .min(1)
    .optional()
    .describe(
      'file with keys of vehicles and platforms: in each line a VIN or the number of a platform, then aes128 or sm4 and 32 hexadecimal digits, or public and the public key of its signatures (SubjectPublicKeyInfo in base64)',
    ),
  bad_signature: z
    .enum(['publish', 'drop'])
    .default('publish')
    .describe(
      'what becomes of reports without a right signature, of vehicles whose public key is in vehicle_keys_file; they are answered as wrong in any case',
    ),
});

export type Gbt32960Config = z.output<typeof gbt32960Config>;
