import { type CoapMessage, decode, describe, encode } from '@portico/codec-coap';
import type { DatagramCodec } from '@portico/core';
import { SECRET_QUERIES } from './uri.js';

/** The message codec as the hub uses it: without state, so one does for all peers. */
export const coapCodec: DatagramCodec<CoapMessage, CoapMessage> = {
  kind: 'datagram',
  decode,
  encode,
  describe: (message) => describe(message, SECRET_QUERIES),
};
