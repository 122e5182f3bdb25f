import { codeName, codeText } from '@portico/codec-coap';
import type { GatewayContext } from '@portico/core';
import { formatAddress, LineLimit } from '@portico/core';
import type { RequestChannel } from './resource.js';
import type { Response } from './response.js';

/** Characters of a path that a line shows. */
const MAX_PATH = 256;

/** Tells operators, on level debug and no more often than {@link LineLimit} allows, which requests got an error. */
export class RefusalLog {
  readonly #context: GatewayContext;
  readonly #lines: LineLimit;

  constructor(context: GatewayContext) {
    this.#context = context;
    this.#lines = new LineLimit(context.log, context.clock);
  }

  /**
   * @param method code of the request
   * @param path the request's Uri-Path; its query holds the password
   */
  write(method: number, path: readonly string[], channel: RequestChannel, { code, payload }: Response): void {
    if (!this.#context.log.isLevelEnabled('debug')) return;
    const { listener, peer } = channel.info;
    const fields = {
      listener,
      peer: formatAddress(peer),
      method: codeName(method) ?? codeText(method),
      path: `/${path.join('/')}`.slice(0, MAX_PATH),
      code: codeText(code),
      reason: payload.toString(),
    };
    this.#lines.write('debug', fields, 'CoAP request refused');
  }
}
