import { failure, type Resources } from '@portico/coap-endpoint';
import { ResponseCode } from '@portico/codec-coap';
import { formatAddress, type LineLimit } from '@portico/core';
import type { CoapChannel, CoapHandler } from './channel.js';

/** Paths of LwM2M (registration and bootstrap): devices that have come to the wrong port. */
const LWM2M_PATHS: readonly string[] = ['rd', 'bs'];

const NOT_FOUND = failure(ResponseCode.NotFound, 'no such resource');
const WRONG_GATEWAY = {
  ...failure(
    ResponseCode.NotFound,
    'this is the CoAP gateway: LwM2M devices register at the LwM2M gateway, which has another port',
  ),
  logged: true,
};

/** What answers the requests for the resources of the gateway. */
export interface CoapResources {
  /** `/mqtt/…` */
  readonly mqtt: CoapHandler;
  /** `/ps/…` */
  readonly pubsub: CoapHandler;
  /** `/.well-known/core` */
  readonly discovery: CoapHandler;
}

/** The resources of the gateway by path. */
export class Router implements Resources<CoapChannel> {
  readonly #resources: CoapResources;
  readonly #lines: LineLimit;

  /** @param lines for devices that have come to the wrong gateway */
  constructor(resources: CoapResources, lines: LineLimit) {
    this.#resources = resources;
    this.#lines = lines;
  }

  /** @param path segments; undefined when there is no such resource */
  find(path: readonly string[]): CoapHandler | undefined {
    switch (path[0]) {
      case 'mqtt':
        return this.#resources.mqtt;
      case 'ps':
        return this.#resources.pubsub;
      case '.well-known':
        return path.length === 2 && path[1] === 'core' ? this.#resources.discovery : undefined;
      default:
        return undefined;
    }
  }

  /** Answers a request for a resource that there is not. */
  readonly notFound: CoapHandler = ({ path }, channel) => {
    if (path[0] === undefined || !LWM2M_PATHS.includes(path[0])) return NOT_FOUND;
    const { listener, peer } = channel.info;
    const fields = { listener, peer: formatAddress(peer) };
    this.#lines.write('warn', fields, 'a LwM2M device has come to the CoAP gateway');
    return WRONG_GATEWAY;
  };
}
