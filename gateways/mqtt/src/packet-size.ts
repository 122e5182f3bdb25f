import { type ControlPacket, encodeToBuffer } from '@portico/codec-mqtt';

/** Bytes of the longest acknowledgement without properties, fixed header included. */
const SHORT = 6;

/** Packets whose length depends on what is in them. */
const OF_ANY_LENGTH: ReadonlySet<ControlPacket['type']> = new Set([
  'connack',
  'suback',
  'unsuback',
  'disconnect',
  'auth',
]);

/**
 * Whether a packet is longer than an MQTT 5 client takes (MQTT 5 §3.1.2.11.4).
 * @param largest bytes; infinite for clients that take everything, as those before MQTT 5 do
 */
export function exceeds(packet: ControlPacket, largest: number): boolean {
  if (largest === Number.POSITIVE_INFINITY) return false;
  if (largest >= SHORT && !OF_ANY_LENGTH.has(packet.type)) return false;
  return encodeToBuffer(packet, 5).length > largest;
}
