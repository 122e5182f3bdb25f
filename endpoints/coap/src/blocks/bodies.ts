import type { Response } from '../serving/response.js';
import type { BlockSettings } from './block-settings.js';
import { type BlockRequest, blockEnd } from './blocks.js';
import { Body, type Reader } from './body.js';
import { TransferTable } from './transfer-table.js';

/**
 * What peers fetch in blocks (Block2, RFC 7959 §2.4): for each name that the gateway gives the last body whose first
 * block was sent there, so that all blocks are of the same one whatever becomes of the resource meanwhile. Peers are
 * told apart as objects: their channels.
 */
export class Bodies {
  readonly #settings: BlockSettings;
  readonly #table: TransferTable<Body>;

  constructor(settings: BlockSettings) {
    this.#settings = settings;
    this.#table = new TransferTable(settings.limits, settings.clock, settings.timers);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#table.bytes;
  }

  /**
   * Keeps a body of which the first block is sent, in place of the one with its name.
   * @param content the whole of it; its payload is for good
   * @param reader told what becomes of it; undefined for nobody
   */
  offer(peer: object, key: string, content: Response, etag: Buffer, reader: Reader | undefined): void {
    const known = this.#table.get(peer, key);
    const same = known?.etag.equals(etag) === true;
    const body = same ? known : this.#body(content, etag);
    if (reader !== undefined) body.add(reader);
    if (same) {
      this.#table.used(peer, key);
      return;
    }
    this.#table.add(peer, key, body);
    known?.replaced();
  }

  /** The body that a block is asked for of, if there is one. */
  fetch(peer: object, key: string, request: BlockRequest): Response | undefined {
    const body = this.#table.get(peer, key);
    if (body === undefined) return undefined;
    this.#table.used(peer, key);
    body.fetched(blockEnd(request, this.#settings.maxBlockSize));
    return body.content;
  }

  /** The peer is gone. */
  forget(peer: object): void {
    this.#table.forget(peer);
  }

  close(): void {
    this.#table.close();
  }

  #body(content: Response, etag: Buffer): Body {
    const { counters } = this.#settings;
    return new Body(content, etag, (reason) => {
      counters[`bodies.dropped.${reason}`].value++;
    });
  }
}
