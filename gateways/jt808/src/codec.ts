import {
  describe,
  idText,
  Jt808Decoder,
  type Jt808Frame,
  type Jt808Message,
  type MalformedFrame,
} from '@portico/codec-jt808';
import type { ByteSink, StreamCodec } from '@portico/core';
import { FrameError } from '@portico/frame';

/** What comes from a terminal. */
export type Incoming = Jt808Frame | MalformedFrame;

/** A message to a terminal, encoded: one frame, or one for each of its parts. */
export interface Outgoing {
  readonly message: Jt808Message;
  readonly frames: readonly Buffer[];
}

/** Bytes that are no frame, one after the other, after which a peer is no terminal. */
const MAX_SKIPPED = 8192;

/** The frame codec as the hub uses it. */
export class Jt808Codec extends Jt808Decoder implements StreamCodec<Incoming, Outgoing> {
  readonly kind = 'stream';
  /** Bytes that had been skipped when the last frame came. */
  #skippedBefore = 0;

  override next(): Incoming | undefined {
    const found = super.next();
    if (found !== undefined) this.#skippedBefore = this.skipped;
    else if (this.skipped - this.#skippedBefore > MAX_SKIPPED) {
      throw new FrameError('no_frames', this.skipped, `more than ${MAX_SKIPPED} bytes without a frame`);
    }
    return found;
  }

  encode({ frames }: Outgoing, sink: ByteSink): void {
    for (const frame of frames) {
      const at = sink.reserve(frame.length);
      frame.copy(sink.buffer, at);
    }
  }

  describe(frame: Incoming | Outgoing): string {
    if ('kind' in frame) return describe(frame);
    const { msg_id, phone, msg_sn } = frame.message.header;
    return `${idText(msg_id)} phone=${phone} sn=${msg_sn} ${frame.frames.length} frames`;
  }
}
