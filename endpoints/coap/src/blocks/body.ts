import type { Response } from '../serving/response.js';
import type { Transfer, TransferDrop } from './transfer-table.js';

/** Who waits until a body has been fetched. */
export interface Reader {
  /** Whether it waits no more. */
  readonly over: boolean;
  /** A block has been asked for. @param last whether it is the last one */
  fetched(last: boolean): void;
  /** It can be fetched no more. */
  lost(): void;
}

/** A payload whose first block has been sent, kept as it was for the others to be asked for (RFC 7959 §2.4). */
export class Body implements Transfer {
  /** The whole of it, as one response. */
  readonly content: Response;
  readonly etag: Buffer;
  readonly #readers = new Set<Reader>();
  readonly #onDropped: (reason: TransferDrop) => void;
  #complete = false;

  /** @param onDropped told when it is dropped before its last block has been asked for */
  constructor(content: Response, etag: Buffer, onDropped: (reason: TransferDrop) => void) {
    this.content = content;
    this.etag = etag;
    this.#onDropped = onDropped;
  }

  get size(): number {
    return this.content.payload.length;
  }

  /** Somebody is to fetch it, again maybe. */
  add(reader: Reader): void {
    for (const other of this.#readers) {
      if (other.over) this.#readers.delete(other);
    }
    this.#readers.add(reader);
    this.#complete = false;
  }

  /** How many wait for it, with some that wait no more. */
  get readers(): number {
    return this.#readers.size;
  }

  /** @param end offset behind the block that is asked for */
  fetched(end: number): void {
    const last = end >= this.size;
    this.#complete ||= last;
    for (const reader of [...this.#readers]) reader.fetched(last);
  }

  /** Another one is in its place. */
  replaced(): void {
    for (const reader of [...this.#readers]) reader.lost();
  }

  dropped(reason: TransferDrop): void {
    if (!this.#complete) this.#onDropped(reason);
    this.replaced();
  }
}
