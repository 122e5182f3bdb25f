import { BlockBuffer } from './block-buffer.js';
import type { Transfer, TransferDrop } from './transfer-table.js';

/** The blocks of one payload that a peer sends. */
export class Upload extends BlockBuffer implements Transfer {
  readonly #onDropped: (reason: TransferDrop) => void;

  constructor(onDropped: (reason: TransferDrop) => void) {
    super();
    this.#onDropped = onDropped;
  }

  dropped(reason: TransferDrop): void {
    this.#onDropped(reason);
  }
}
