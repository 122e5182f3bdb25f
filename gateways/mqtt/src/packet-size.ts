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
 * What of a packet an MQTT 5 client takes (MQTT 5 §3.1.2.11.4): all of it, or all but its Reason String, or nothing.
 * @param largest bytes; infinite for clients that take everything, as those before MQTT 5 do
 */
export function fitting(packet: ControlPacket, largest: number): ControlPacket | undefined {
  if (!exceeds(packet, largest)) return packet;
  const shorter = withoutReasonString(packet);
  return exceeds(shorter, largest) ? undefined : shorter;
}

function exceeds(packet: ControlPacket, largest: number): boolean {
  if (largest === Number.POSITIVE_INFINITY) return false;
  if (largest >= SHORT && !OF_ANY_LENGTH.has(packet.type) && !hasProperties(packet)) return false;
  return encodeToBuffer(packet, 5).length > largest;
}

function hasProperties(packet: ControlPacket): boolean {
  return 'properties' in packet && packet.properties !== undefined;
}

function withoutReasonString(packet: ControlPacket): ControlPacket {
  if (!('properties' in packet) || packet.properties === undefined) return packet;
  return { ...packet, properties: { ...packet.properties, reasonString: undefined } } as ControlPacket;
}
