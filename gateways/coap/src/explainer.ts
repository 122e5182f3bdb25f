import { explain } from '@portico/codec-coap';
import type { Explainer } from '@portico/core';
import { frameRows } from '@portico/frame';
import { SECRET_QUERIES } from './uri-arguments.js';

/** Tells people what is in frames of CoAP. */
export const coapExplainer: Explainer = {
  versions: [],
  explain: (bytes, { showSecrets }) =>
    frameRows(explain(bytes, { secretQueries: SECRET_QUERIES }), showSecrets),
};
