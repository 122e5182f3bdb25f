import { coapEndpointConfigShape, coapRequestConfigShape } from '@portico/coap-endpoint';
import { parsePath } from '@portico/codec-lwm2m';
import { CLIENT_LETTERS, mountpointTemplate, topicNameTemplate } from '@portico/core';
import { z } from 'zod';

/** Placeholders of mountpoint and topic: `%e` is the endpoint name. */
const LETTERS = `${CLIENT_LETTERS}e`;
/** Integers beyond it are written as text. */
const MAX_NUMBER = 1_000_000_000;

/** What a resource is written: a scalar of its type, or bytes. `%e` in strings is the endpoint name. */
const valueConfig = z.union([
  z.string(),
  z
    .number()
    .min(-MAX_NUMBER)
    .max(MAX_NUMBER)
    .meta({ title: `number from -${MAX_NUMBER} to ${MAX_NUMBER}` }),
  z.boolean(),
  z.strictObject({ text: z.string().describe('bytes, as text') }),
  z.strictObject({
    secret: z
      .string()
      .regex(/^(?:[\da-f]{2})+$/i, 'bytes in hexadecimal')
      .describe('bytes, in hexadecimal'),
  }),
  z.strictObject({ key_of: z.string().describe('identity whose key in psk_file it is') }),
]);

const instanceConfig = z.record(z.string().regex(/^\d{1,5}$/, 'the id of a resource'), valueConfig);

const templateConfig = z.strictObject({
  endpoints: z.string().min(1).describe('endpoint names that it is for; * stands for any characters'),
  write: z
    .record(
      z.string().check(z.refine(isInstance, { error: 'not an object instance such as /0/1' })),
      instanceConfig,
    )
    .describe('what is written, in this order: resources by object instance'),
});

/** The keys below `gateways.lwm2mbootstrap`. */
export const bootstrapConfig = z.object({
  ...coapEndpointConfigShape,
  ...coapRequestConfigShape,
  mountpoint: mountpointTemplate(LETTERS)
    .default('lwm2m/%e/')
    .describe('prefix of the topic; %e is the endpoint name'),
  topic: topicNameTemplate(LETTERS)
    .default('up/bootstrap')
    .describe('topic to which is published how bootstraps went'),
  identity_is_endpoint: z
    .boolean()
    .default(true)
    .describe('whether the identity of the pre-shared key of a device has to be its endpoint name'),
  discover: z
    .boolean()
    .default(false)
    .describe('whether devices are first asked what they have (Bootstrap-Discover), which is published'),
  max_bootstraps: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1000)
    .describe('bootstraps under way at a time; others are answered 5.03'),
  psk_file: z
    .string()
    .optional()
    .describe(
      'file with the keys that key_of stands for, a line identity:key for each, as access.psk_file has them',
    ),
  templates: z
    .array(templateConfig)
    .default([])
    .describe('what devices are written; the first one whose endpoints match holds'),
});

export type BootstrapConfig = z.output<typeof bootstrapConfig>;
export type TemplateConfig = z.output<typeof templateConfig>;
export type TemplateValue = z.output<typeof valueConfig>;

function isInstance(text: string): boolean {
  return parsePath(text)?.length === 2;
}
