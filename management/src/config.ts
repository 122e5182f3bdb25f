import { bindAddress, byteSize, duration, httpsConfigSchema, serviceUrl } from '@portico/core';
import { z } from 'zod';

/** What ids of applications are like. */
export function applicationId() {
  return z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits, _ . and -, at most 64');
}

/** What secrets of applications are like. */
export function applicationSecret() {
  return z.string().min(1).max(512);
}

const applicationSchema = z.strictObject({
  id: applicationId().default('admin').describe('its id: the user name of HTTP Basic authentication'),
  secret: applicationSecret()
    .optional()
    .describe(
      'its secret: the password. When it is not set, one is made at the first start, printed once, and kept as a hash',
    ),
});

const prometheusSchema = z.strictObject({
  open: z
    .boolean()
    .default(false)
    .describe(
      'whether /metrics can be read without credentials; /api/v4/prometheus/metrics needs them always',
    ),
  push_gateway_server: serviceUrl()
    .optional()
    .describe(
      'URL of a Pushgateway that metrics are sent to, http://name:password@host where it asks for HTTP Basic; when it is not given they are only read here',
    ),
  interval: duration({ from: '1s', to: '1h' })
    .prefault('15s')
    .describe('time between two times that metrics are sent'),
});

/** The most that `management.max_body_size` may be, in bytes. */
export const MOST_BODY = 16 * 1024 * 1024;

/** The `management` section of the configuration. */
export const managementConfigSchema = z.strictObject({
  enable: z.boolean().default(true).describe('whether there is a management API'),
  bind: bindAddress()
    .prefault('127.0.0.1:8081')
    .describe(
      'where it listens, as for listeners of gateways; beyond loopback, enable tls or put a proxy with TLS in front',
    ),
  tls: httpsConfigSchema.prefault({}).describe('HTTPS'),
  default_application: applicationSchema.prefault({}).describe('who may use it'),
  prometheus: prometheusSchema.prefault({}).describe('metrics for Prometheus'),
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
