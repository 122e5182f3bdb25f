import { byMethod, failure, type Resources } from '@portico/coap-endpoint';
import { Method, ResponseCode } from '@portico/codec-coap';
import type { Lwm2mChannel, Lwm2mHandler } from '../channel.js';
import { BOOTSTRAP_PATH } from './bootstrap-requests.js';
import type { BootstrapServer } from './bootstrap-server.js';

/** Where a device fetches all that it is to be written at once, LwM2M 1.2 Transport §6.4.1. */
const PACK_PATH = 'bspack';

const NOT_FOUND = failure(ResponseCode.NotFound, 'no such resource: devices register at the LwM2M gateway');

/** The resources of the bootstrap gateway: `/bs` and `/bspack`. */
export class BootstrapRouter implements Resources<Lwm2mChannel> {
  readonly #resources: ReadonlyMap<string | undefined, Lwm2mHandler>;

  constructor(server: BootstrapServer) {
    this.#resources = new Map([
      [BOOTSTRAP_PATH, byMethod({ [Method.POST]: (request, channel) => server.request(request, channel) })],
      [PACK_PATH, byMethod({ [Method.GET]: (request, channel) => server.pack(request, channel) })],
    ]);
  }

  /** @param path segments; undefined when there is no such resource */
  find(path: readonly string[]): Lwm2mHandler | undefined {
    return path.length === 1 ? this.#resources.get(path[0]) : undefined;
  }

  readonly notFound: Lwm2mHandler = () => NOT_FOUND;
}
