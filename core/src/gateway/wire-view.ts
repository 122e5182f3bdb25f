import type { ByteSink, Codec, FrameFault } from './contract.js';
import type { WireEnd, WireTap } from './wire-tap.js';

/** What one link shows those who watch: its frames as its codec explains them. To be asked while somebody watches. */
export interface WireSource<In, Out> extends WireEnd {
  readonly codec: Codec<In, Out>;
}

/** A frame is about to leave: it is encoded once more, for those who watch. */
export function showSent<In, Out>(wire: WireTap, source: WireSource<In, Out>, frame: Out): void {
  if (!wire.wants(source)) return;
  const sink = new CaptureSink();
  source.codec.encode(frame, sink);
  wire.frame(source, 'send', source.codec.explain?.(sink.buffer) ?? []);
}

/**
 * Bytes have come.
 * @param frame what the codec has made of them, if anything
 * @param fault why it could not
 */
export function showReceived<In, Out>(
  wire: WireTap,
  source: WireSource<In, Out>,
  bytes: Buffer,
  frame: In | undefined,
  fault?: FrameFault,
): void {
  if (!wire.wants(source)) return;
  wire.frame(source, 'receive', source.codec.explain?.(bytes, frame) ?? [], fault);
}

/**
 * The connection has ended.
 * @param reason as operators see it
 * @param undecoded what the peer has left unfinished
 */
export function showEnd<In, Out>(
  wire: WireTap,
  source: WireSource<In, Out>,
  reason: string,
  undecoded: Buffer | undefined,
): void {
  if (!wire.wants(source)) return;
  const [row] = undecoded === undefined ? [] : (source.codec.explain?.(undecoded) ?? []);
  wire.closed(source, reason, row);
}

/** Takes what an encoder writes, to look at it. */
class CaptureSink implements ByteSink {
  buffer = Buffer.alloc(0);

  reserve(size: number): number {
    const offset = this.buffer.length;
    this.buffer = Buffer.concat([this.buffer, Buffer.alloc(size)]);
    return offset;
  }
}
