import {
  describe,
  idText,
  Jt808Decoder,
  type Jt808Frame,
  type Jt808Message,
  type MalformedFrame,
} from '@portico/codec-jt808';
import type { ByteSink, DatagramCodec, FrameRow, StreamCodec } from '@portico/core';
import { FrameError } from '@portico/frame';
import { jt808Explainer } from './explainer.js';

/** What comes from a terminal. */
export type Incoming = Jt808Frame | MalformedFrame;

/** A message to a terminal, or a part of one, encoded. */
export interface Outgoing {
  readonly message: Jt808Message;
  readonly frame: Buffer;
}

/** Bytes that are no frame, one after the other, after which a peer is no terminal. */
const MAX_SKIPPED = 8192;

/** Frames of a byte stream, as the hub uses them. */
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

  encode(outgoing: Outgoing, sink: ByteSink): void {
    put(outgoing, sink);
  }

  describe(frame: Incoming | Outgoing): string {
    return describeFrame(frame);
  }

  /** The delimiter that ends a malformed frame may begin the next, so it is not among the bytes taken. */
  explain(bytes: Buffer, frame?: Incoming): readonly FrameRow[] {
    return explainBytes(frame?.kind === 'malformed' ? frame.bytes : bytes);
  }
}

/** One frame in each datagram. @param maxFrameSize bytes of the longest, with its escapes */
export function datagramCodec(maxFrameSize: number): DatagramCodec<Incoming, Outgoing> {
  return {
    kind: 'datagram',
    decode: (datagram) => onlyFrame(datagram, new Jt808Decoder({ maxFrameSize })),
    encode: put,
    describe: describeFrame,
    explain: explainBytes,
  };
}

/** @throws FrameError when the datagram has no frame, or several */
function onlyFrame(datagram: Buffer, decoder: Jt808Decoder): Incoming {
  decoder.push(datagram);
  const frame = decoder.next();
  if (frame === undefined) throw new FrameError('no_frames', 0, 'there is no frame in the datagram');
  if (decoder.next() !== undefined) {
    throw new FrameError('several_frames', 0, 'there are several frames in the datagram');
  }
  return frame;
}

function put({ frame }: Outgoing, sink: ByteSink): void {
  const at = sink.reserve(frame.length);
  frame.copy(sink.buffer, at);
}

function explainBytes(bytes: Buffer): readonly FrameRow[] {
  return jt808Explainer.explain(bytes, {});
}

function describeFrame(frame: Incoming | Outgoing): string {
  if ('kind' in frame) return describe(frame);
  const { msg_id, phone, msg_sn } = frame.message.header;
  return `${idText(msg_id)} phone=${phone} sn=${msg_sn} frame of ${frame.frame.length} bytes`;
}
