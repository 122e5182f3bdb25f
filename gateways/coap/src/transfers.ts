import { OptionNumber } from '@portico/codec-coap';
import type { BlockSettings } from './block-settings.js';
import { type BlockRequest, blockSize, isContinuation } from './blocks.js';
import { Bodies, bodyKey } from './bodies.js';
import type { CoapChannel } from './channel.js';
import type { CoapClient } from './client.js';
import { REGISTER } from './observation.js';
import type { CoapRequest } from './request.js';
import { type Response, withOption } from './response.js';
import { Uploads } from './uploads.js';

/** All that is on its way in blocks, both ways. One for all peers. */
export class Transfers {
  readonly uploads: Uploads;
  readonly bodies: Bodies;
  readonly #maxBlockSize: number;

  constructor(settings: BlockSettings) {
    this.uploads = new Uploads(settings);
    this.bodies = new Bodies(settings);
    this.#maxBlockSize = settings.maxBlockSize;
  }

  /** Bytes of the blocks that go to whoever asks so. */
  blockSize(request: BlockRequest): number {
    return blockSize(request, this.#maxBlockSize);
  }

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

  /** The peer is gone. */
  forget(channel: CoapChannel): void {
    this.uploads.forget(channel);
    this.bodies.forget(channel);
  }

  close(): void {
    this.uploads.close();
    this.bodies.close();
  }
}
