import { explain, type PayloadContext } from '@portico/codec-coap';
import { explainPayload } from '@portico/codec-lwm2m';
import type { Explainer } from '@portico/core';
import { type FieldReader, frameRows } from '@portico/frame';
import { SECRET_PARAMETERS } from './parameters.js';

/** Tells people what is in messages of LwM2M: those of CoAP, and their payloads. */
export const lwm2mExplainer: Explainer = {
  versions: [],
  explain(bytes, { showSecrets }) {
    return frameRows(explain(bytes, { secretQueries: SECRET_PARAMETERS, readPayload }), showSecrets);
  },
};

/** Object ids of Security and OSCORE, which a bootstrap server writes with their keys. */
const WITH_KEYS: readonly (string | undefined)[] = ['0', '21'];

function readPayload(reader: FieldReader, { format, path, isBlock }: PayloadContext): void {
  if (WITH_KEYS.includes(path[0])) reader.secret('payload', reader.left);
  else if (isBlock) reader.data('payload');
  else explainPayload(reader, format);
}
