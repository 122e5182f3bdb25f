import { byteSize, duration } from '@portico/core';
import { z } from 'zod';

const urlPrefix = z
  .string()
  .check(
    z.refine(isPrefix, { error: 'has to be an http or https URL that ends in /, without user and query' }),
  );
const coapUri = z.string().check(
  z.refine((text) => /^coaps?:\/\/[^/?#]+$/.test(text) && URL.canParse(text), {
    error: 'has to be such as coap://203.0.113.5:5783',
  }),
);

/** The keys below `gateways.lwm2m.firmware`. */
export const firmwareConfig = z.object({
  urls: z
    .array(urlPrefix)
    .default([])
    .describe('what the URLs of packages have to begin with, such as https://files.example/fw/; empty: none'),
  pull_uri: coapUri
    .optional()
    .describe(
      'where devices reach this gateway, such as coap://203.0.113.5:5783, to fetch packages; not set: they cannot',
    ),
  max_size: byteSize({ from: '1KB', to: '256MB' }).prefault('16MB').describe('longest package'),
  max_total_size: byteSize({ from: '1KB', to: '16GB' })
    .prefault('64MB')
    .describe('bytes of packages held in memory, at least one; then those that nobody is sent go'),
  download_timeout: duration({ from: '1s', to: '1h' })
    .prefault('1m')
    .describe('how long the download of a package may take'),
  expiry: duration({ from: '1m', to: '30d' })
    .prefault('1h')
    .describe('a package is let go of when so long no device has been sent it or has fetched a block of it'),
});

export type FirmwareConfig = z.output<typeof firmwareConfig>;

function isPrefix(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash, pathname } = new URL(text);
  return (
    ['http:', 'https:'].includes(protocol) &&
    [username, password, search, hash].every((part) => part === '') &&
    pathname.endsWith('/')
  );
}
