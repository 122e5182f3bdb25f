import { messageCodec } from '@portico/coap-endpoint';
import { coapExplainer } from './explainer.js';
import { SECRET_QUERIES } from './uri-arguments.js';

/** The message codec, which shows no credentials. */
export const coapCodec = messageCodec(SECRET_QUERIES, coapExplainer);
