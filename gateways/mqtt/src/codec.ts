import {
  describe,
  encode,
  MqttDecoder,
  type Packet,
  type ProtocolVersion,
  type ReceivedPacket,
} from '@portico/codec-mqtt';
import type { ByteSink, FrameRow, StreamCodec } from '@portico/core';
import { DeliveryFrame } from './delivery-frame.js';
import { mqttExplainer } from './explainer.js';

/** What a channel sends. */
export type OutgoingFrame = Packet | DeliveryFrame;

/** The frame codec as the hub uses it: decodes and encodes in the version of the connection's CONNECT. */
export class MqttCodec extends MqttDecoder implements StreamCodec<ReceivedPacket, OutgoingFrame> {
  readonly kind = 'stream';
  /** That of the first CONNECT: a second one is answered as the first one wanted. */
  #version: ProtocolVersion | undefined = undefined;

  override next(): ReceivedPacket | undefined {
    const packet = super.next();
    if (packet !== undefined && packet.type === 'connect') this.#version ??= packet.protocolVersion;
    return packet;
  }

  encode(frame: OutgoingFrame, sink: ByteSink): void {
    const version = this.#version ?? this.version;
    if (frame instanceof DeliveryFrame) frame.write(version, sink);
    else encode(frame, version, sink);
  }

  describe(frame: ReceivedPacket | OutgoingFrame): string {
    return describe(frame);
  }

  explain(bytes: Buffer): readonly FrameRow[] {
    return mqttExplainer.explain(bytes, { version: String(this.#version ?? this.version) });
  }
}
