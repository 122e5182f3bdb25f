import type { Uploads } from '@portico/coap-endpoint';
import type { Action } from './as-client.js';

/** Has an action carried out with whole payloads only, in however many requests they come. */
export function assembled(uploads: Uploads, act: Action): Action {
  return (client, request, channel) => {
    const { block1 } = request;
    if (block1 === undefined) return act(client, request, channel);
    return uploads.assemble(request, block1, channel, (whole) => act(client, whole, channel));
  };
}
