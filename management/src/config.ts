import { bindAddress, byteSize } from '@portico/core';
import { z } from 'zod';

const applicationSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'letters, digits, _ . and -, at most 64')
    .default('admin')
    .describe('its id: the user name of HTTP Basic authentication'),
  secret: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe(
      'its secret: the password. When it is not set, one is made at the first start, printed once, and kept as a hash',
    ),
});

/** The `management` section of the configuration. */
export const managementConfigSchema = z.strictObject({
  enable: z.boolean().default(true).describe('whether there is a management API'),
  bind: bindAddress()
    .prefault('127.0.0.1:8081')
    .describe(
      'where it listens, as for listeners of gateways; it speaks plain HTTP: beyond loopback, put a proxy with TLS in front',
    ),
  default_application: applicationSchema.prefault({}).describe('who may use it'),
  max_row_limit: z
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe('rows of a list in one answer, where the request does not say _limit, and at most'),
  max_body_size: byteSize({ from: '1KB', to: '16MB' }).prefault('1MB').describe('largest body of a request'),
  max_connections: z.int().min(1).max(10_000).default(512).describe('connections at a time'),
  max_request_rate: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(1000)
    .describe('requests per second; 0 for no limit. Those for health are not counted'),
});

export type ManagementConfig = z.output<typeof managementConfigSchema>;
