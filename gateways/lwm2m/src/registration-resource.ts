import { byMethod, type Uploads } from '@portico/coap-endpoint';
import { Method } from '@portico/codec-coap';
import type { Lwm2mHandler } from './channel.js';
import type { Registrar } from './registrar.js';

/** `/rd`, where devices register. */
export function registrationResource(registrar: Registrar, uploads: Uploads): Lwm2mHandler {
  return byMethod({
    [Method.POST]: assembled(uploads, (request, channel) => registrar.register(request, channel)),
  });
}

/** `/rd/<location>`, where a device updates its registration and ends it. */
export function locationResource(registrar: Registrar, uploads: Uploads): Lwm2mHandler {
  return byMethod({
    [Method.POST]: assembled(uploads, (request, channel) => registrar.update(request, channel)),
    [Method.DELETE]: (request, channel) => registrar.deregister(request, channel),
  });
}

/** Has a request handled with its whole payload only, in however many messages it comes. */
export function assembled(uploads: Uploads, handle: Lwm2mHandler): Lwm2mHandler {
  return (request, channel) => {
    const { block1 } = request;
    if (block1 === undefined) return handle(request, channel);
    return uploads.assemble(request, block1, channel, (whole) => handle(whole, channel));
  };
}
