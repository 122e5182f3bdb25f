import { describe, encode, encodeHeartBeat, StompDecoder, type StompFrame } from '@portico/codec-stomp';
import type { ByteSink, StreamCodec } from '@portico/core';

/** What is sent in place of a frame so that the client sees that the hub is there. */
export const HEART_BEAT = 'heart-beat';

/** What a channel sends. */
export type Outgoing = StompFrame | typeof HEART_BEAT;

/** The frame codec as the hub uses it: reads what its client sends, and writes in the version that the client speaks. */
export class StompCodec extends StompDecoder implements StreamCodec<StompFrame, Outgoing> {
  readonly kind = 'stream';
  readonly isText = true;

  encode(frame: Outgoing, sink: ByteSink): void {
    if (frame === HEART_BEAT) encodeHeartBeat(sink);
    else encode(frame, this.version, sink);
  }

  describe(frame: Outgoing): string {
    return frame === HEART_BEAT ? frame : describe(frame);
  }
}
