/**
 * Cuts a byte stream into frames.
 *
 * Life: `push` a chunk, call `next` until it returns undefined, and so on. The bytes of a chunk are borrowed:
 * they may be overwritten once the caller has finished with it. So whoever stops calling `next` before it
 * returned undefined must call `keep` first, and a frame's views into the chunk (payloads) must be copied by
 * whoever keeps the frame. When `next` returns undefined the decoder has already copied what it keeps.
 */
export interface StreamDecoder<Frame> {
  /** Adds bytes behind those not yet decoded. */
  push(chunk: Buffer): void;
  /**
   * The next complete frame, or undefined when more bytes are needed.
   * @throws FrameError on input that breaks the protocol; the decoder is of no further use then, unless its
   *   documentation says that it goes on at the next frame.
   */
  next(): Frame | undefined;
  /** Copies all undecoded bytes, so that the chunk they came in may be reused. */
  keep(): void;
  /** Bytes held for a frame that is not complete, for limits and tests. */
  readonly buffered: number;
  /** These bytes, and after a FrameError those from the frame that is none; borrowed, for whoever looks into why. */
  readonly undecoded: Buffer;
}

/** Reads one frame from one datagram. The frame's views point into the datagram, which is borrowed. */
export interface DatagramDecoder<Frame> {
  /** @throws FrameError on input that breaks the protocol. */
  decode(datagram: Buffer): Frame;
}
