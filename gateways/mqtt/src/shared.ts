import type { ControlPacket } from '@portico/codec-mqtt';
import type { GatewayContext, SessionOptions } from '@portico/core';
import type { MqttConfig } from './config.js';
import type { PacketCounters } from './counters.js';
import type { DeliveryFrame } from './delivery-frame.js';
import type { Ending } from './reasons.js';

/** What all channels of the gateway share. */
export interface Shared {
  readonly config: MqttConfig;
  readonly session: SessionOptions;
  /** For clients before MQTT 5, which cannot be told of a limit to QoS 2 nor refused above it: there is none. */
  readonly sessionBefore5: SessionOptions;
  readonly context: GatewayContext;
  readonly counters: PacketCounters;
  /** The PUBLISH being sent, of whichever channel; see {@link DeliveryFrame}. */
  readonly delivery: DeliveryFrame;
}

/** The properties of an answer that says why, MQTT 5 §3.4.2.2.2 and others. */
export interface Explanation {
  readonly reasonString: string;
}

/** What the parts of a channel ask of it. */
export interface Outlet {
  send(packet: ControlPacket): void;
  /** As `send`, for what must not leave before the hub has made it durable. */
  sendAck(packet: ControlPacket): void;
  /** The Reason String of an answer, where there is one and the client wants it. */
  explanation(reasonString: string | undefined): Explanation | undefined;
  /** Sets how long the client may be silent from now on. @param seconds 0 for ever */
  setKeepalive(seconds: number): void;
  /**
   * Ends session and connection, with a DISCONNECT for MQTT 5.
   * @param explanation for the client, as Reason String
   */
  end(ending: Ending, explanation?: string): void;
}
