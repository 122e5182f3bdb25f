import {
  type BlockRequest,
  type CoapRequest,
  isContinuation,
  REGISTER,
  type Response,
  Transfers,
  withOption,
} from '@portico/coap-endpoint';
import { OptionNumber } from '@portico/codec-coap';
import type { CoapChannel } from './channel.js';
import type { CoapClient } from './client.js';

/** The name of a topic's body among those of a peer. */
export function bodyKey(clientId: string, filter: string): string {
  return JSON.stringify([clientId, filter]);
}

/** What goes in blocks, the bodies by client and topic. One for all peers. */
export class TopicTransfers extends Transfers {
  /**
   * Keeps what a client reads of a topic and does not fit into a block, so that all blocks are of the same.
   * @param content the whole of it, with its entity-tag
   * @returns the content
   */
  begun(
    content: Response,
    client: CoapClient,
    filter: string,
    request: BlockRequest,
    channel: CoapChannel,
  ): Response {
    const etag = content.options.find(({ number }) => number === OptionNumber.ETag)?.value;
    if (etag === undefined || content.payload.length <= this.blockSize(request)) return content;
    this.bodies.offer(channel, bodyKey(client.login.clientId, filter), content, etag, undefined);
    return content;
  }

  /** What a request asks for a later block of, where that is known; undefined for any other request. */
  continued(
    client: CoapClient,
    filter: string,
    request: CoapRequest,
    channel: CoapChannel,
  ): Response | undefined {
    if (!isContinuation(request)) return undefined;
    const known = this.bodies.fetch(channel, bodyKey(client.login.clientId, filter), request);
    // node-coap sends Observe with every block, and takes none without.
    const inKind = known !== undefined && request.observe === REGISTER;
    return inKind ? withOption(known, channel.nextObserve()) : known;
  }
}
