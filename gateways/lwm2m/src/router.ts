import { failure, type Resources } from '@portico/coap-endpoint';
import { ResponseCode } from '@portico/codec-coap';
import { formatAddress, type LineLimit } from '@portico/core';
import type { Lwm2mChannel, Lwm2mHandler } from './channel.js';
import { FIRMWARE_PATH } from './firmware/firmware-resource.js';
import { SEND_PATH } from './observe/send-resource.js';
import { REGISTRATION_PATH } from './registrar.js';

/** Paths of the CoAP gateway: clients that have come to the wrong port. */
const COAP_PATHS: readonly string[] = ['mqtt', 'ps'];

const NOT_FOUND = failure(ResponseCode.NotFound, 'no such resource');
const WRONG_GATEWAY = {
  ...failure(
    ResponseCode.NotFound,
    'this is the LwM2M gateway: CoAP clients publish and subscribe at the CoAP gateway, which has another port',
  ),
  logged: true,
};

/** What answers the requests for the resources of the gateway. */
export interface Lwm2mResources {
  /** `/rd` */
  readonly registration: Lwm2mHandler;
  /** `/rd/<location>` */
  readonly location: Lwm2mHandler;
  /** `/dp` */
  readonly send: Lwm2mHandler;
  /** `/fw/<id>/<name>` */
  readonly firmware: Lwm2mHandler;
}

/** The resources of the gateway by path. */
export class Router implements Resources<Lwm2mChannel> {
  readonly #resources: Lwm2mResources;
  readonly #lines: LineLimit;

  /** @param lines for clients that have come to the wrong gateway */
  constructor(resources: Lwm2mResources, lines: LineLimit) {
    this.#resources = resources;
    this.#lines = lines;
  }

  /** @param path segments; undefined when there is no such resource */
  find(path: readonly string[]): Lwm2mHandler | undefined {
    if (path.length === 1 && path[0] === SEND_PATH) return this.#resources.send;
    if (path.length === 3 && path[0] === FIRMWARE_PATH) return this.#resources.firmware;
    if (path[0] !== REGISTRATION_PATH) return undefined;
    if (path.length === 1) return this.#resources.registration;
    return path.length === 2 ? this.#resources.location : undefined;
  }

  /** Answers a request for a resource that there is not. */
  readonly notFound: Lwm2mHandler = ({ path }, channel) => {
    if (path[0] === undefined || !COAP_PATHS.includes(path[0])) return NOT_FOUND;
    const { listener, peer } = channel.info;
    const fields = { listener, peer: formatAddress(peer) };
    this.#lines.write('warn', fields, 'a CoAP client has come to the LwM2M gateway');
    return WRONG_GATEWAY;
  };
}
