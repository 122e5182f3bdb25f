import type { BlockSettings } from './block-settings.js';
import { type BlockRequest, blockSize } from './blocks.js';
import { Bodies } from './bodies.js';
import { Uploads } from './uploads.js';

/** All that peers send and fetch in blocks. One for all peers. */
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

  /** The peer is gone. */
  forget(peer: object): void {
    this.uploads.forget(peer);
    this.bodies.forget(peer);
  }

  close(): void {
    this.uploads.close();
    this.bodies.close();
  }
}
