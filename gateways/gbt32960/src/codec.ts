import {
  describe,
  encodeFrame,
  type FrameFields,
  Gbt32960Decoder,
  type Gbt32960Frame,
  type MalformedFrame,
} from '@portico/codec-gbt32960';
import type { ByteSink, FrameRow, StreamCodec } from '@portico/core';
import { gbt32960Explainer } from './explainer.js';

/** What comes to a channel. */
export type Received = Gbt32960Frame | MalformedFrame;

/** The frame codec as the hub uses it. */
export class Gbt32960Codec extends Gbt32960Decoder implements StreamCodec<Received, FrameFields> {
  readonly kind = 'stream';

  encode(frame: FrameFields, sink: ByteSink): void {
    const bytes = encodeFrame(frame);
    const at = sink.reserve(bytes.length);
    bytes.copy(sink.buffer, at);
  }

  describe(frame: Received | FrameFields): string {
    if ('kind' in frame) return describe(frame);
    const { edition = 2016, encryption = 1 } = frame;
    return describe({ kind: 'frame', ...frame, edition, encryption });
  }

  explain(bytes: Buffer): readonly FrameRow[] {
    return gbt32960Explainer.explain(bytes, {});
  }
}
