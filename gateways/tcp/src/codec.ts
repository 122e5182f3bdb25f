import { describe, encode, type Frame, TcpDecoder } from '@portico/codec-tcp';
import type { ByteSink, FrameRow, StreamCodec } from '@portico/core';
import { tcpExplainer } from './explainer.js';

/** The frame codec as the hub uses it. */
export class TcpCodec extends TcpDecoder implements StreamCodec<Frame, Frame> {
  readonly kind = 'stream';

  encode(frame: Frame, sink: ByteSink): void {
    encode(frame, sink);
  }

  describe(frame: Frame): string {
    return describe(frame);
  }

  explain(bytes: Buffer): readonly FrameRow[] {
    return tcpExplainer.explain(bytes, {});
  }
}
