import type { StreamDecoder } from './decoder.js';
import { StreamBuffer } from './stream-buffer.js';

/**
 * What decoders of byte streams have in common: the bytes not yet decoded. A subclass reads frames out of `input` in
 * `next`, and calls `input.keep()` before that returns undefined.
 * @see StreamDecoder for how to use it
 */
export abstract class BufferedDecoder<Frame> implements StreamDecoder<Frame> {
  /** The bytes not yet decoded; `next` moves its `start` behind each frame. */
  protected readonly input = new StreamBuffer();

  get buffered(): number {
    return this.input.length;
  }

  get undecoded(): Buffer {
    return this.input.undecoded;
  }

  push(chunk: Buffer): void {
    this.input.push(chunk);
  }

  keep(): void {
    this.input.keep();
  }

  abstract next(): Frame | undefined;
}
