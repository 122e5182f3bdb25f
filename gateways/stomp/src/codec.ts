import {
  describe,
  encode,
  encodeHeartBeat,
  encodeMessage,
  StompDecoder,
  type StompFrame,
} from '@portico/codec-stomp';
import type { ByteSink, FrameRow, StreamCodec } from '@portico/core';
import { stompExplainer } from './explainer.js';

/** What is sent in place of a frame so that the client sees that the hub is there. */
export const HEART_BEAT = 'heart-beat';

/** A MESSAGE. There are so many of them that their headers are written where what they say is known. */
export interface WrittenMessage {
  readonly command: 'written MESSAGE';
  /** All headers but `content-length`, in the version that the client speaks. */
  readonly lines: string;
  readonly body: Buffer;
}

/** What a channel sends. */
export type Outgoing = StompFrame | WrittenMessage | typeof HEART_BEAT;

/** The frame codec as the hub uses it: reads what its client sends, and writes in the version that the client speaks. */
export class StompCodec extends StompDecoder implements StreamCodec<StompFrame, Outgoing> {
  readonly kind = 'stream';
  readonly isText = true;

  encode(frame: Outgoing, sink: ByteSink): void {
    if (frame === HEART_BEAT) encodeHeartBeat(sink);
    else if (frame.command === 'written MESSAGE') encodeMessage(frame.lines, frame.body, sink);
    else encode(frame, this.version, sink);
  }

  describe(frame: Outgoing): string {
    if (frame === HEART_BEAT) return frame;
    if (frame.command !== 'written MESSAGE') return describe(frame);
    return `MESSAGE ${JSON.stringify(frame.lines)} ${frame.body.length} bytes`;
  }

  explain(bytes: Buffer): readonly FrameRow[] {
    return stompExplainer.explain(bytes, { version: this.version });
  }
}
