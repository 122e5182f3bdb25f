import { messageCodec } from '@portico/coap-endpoint';
import { SECRET_QUERIES } from './uri.js';

/** The message codec, which shows no credentials. */
export const coapCodec = messageCodec(SECRET_QUERIES);
