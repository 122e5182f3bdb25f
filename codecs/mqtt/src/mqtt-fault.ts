import { FrameError } from '@portico/frame';
import type { ProtocolVersion } from './packet.js';

/**
 * What can be wrong with the bytes of a peer, each with the MQTT 5 reason code that says so in a DISCONNECT
 * or CONNACK (MQTT 5 §2.4).
 */
export const FAULT_REASON_CODES = {
  /** The bytes cannot be read as a packet. */
  malformed_packet: 0x81,
  /** A well-formed packet says what the standard forbids. */
  protocol_error: 0x82,
  /** CONNECT with a protocol name or level that does not exist, or two that do not go together. */
  unsupported_protocol_version: 0x84,
  /** A topic name that is empty or has a wildcard. */
  topic_name_invalid: 0x90,
  /** Topic alias 0. */
  topic_alias_invalid: 0x94,
  /** The fixed header announces more than the receiver's maximum packet size. */
  packet_too_large: 0x95,
  /** More of something than this implementation takes, where the standard has no bound (MQTT 5 §4.13.2). */
  quota_exceeded: 0x97,
} as const;

export type MqttFaultCode = keyof typeof FAULT_REASON_CODES;

/** The only error that decoding throws. */
export class MqttFault extends FrameError<MqttFaultCode> {
  /**
   * The protocol version in which to answer: that of the CONNECT packet, also when CONNECT itself is at
   * fault; 4 when it asks for a version that does not exist, and before any CONNECT.
   */
  readonly version: ProtocolVersion;

  constructor(code: MqttFaultCode, offset: number, reason: string, version: ProtocolVersion) {
    super(code, offset, reason);
    this.version = version;
  }
}
