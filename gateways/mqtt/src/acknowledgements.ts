import { type AckPacket, ReasonCode } from '@portico/codec-mqtt';
import type { AckResult, AttachedSession } from '@portico/core';
import { explanationOf } from './explanations.js';
import type { Outlet, Shared } from './shared.js';

/** The client's PUBACK: a QoS 1 delivery is over, whatever its reason code says (MQTT 5 §4.3.2). */
export function onPuback(
  session: AttachedSession,
  { packetId }: AckPacket,
  outlet: Outlet,
  shared: Shared,
): void {
  judge(session.acked(packetId), 'puback', packetId, outlet, shared);
}

/** The client's PUBREC: a QoS 2 delivery goes on with PUBREL, or ends when it was refused (MQTT 5 §4.3.3). */
export function onPubrec(session: AttachedSession, packet: AckPacket, outlet: Outlet, shared: Shared): void {
  const { packetId } = packet;
  const refused = packet.reasonCode >= ReasonCode.unspecifiedError;
  const result = refused ? session.refused(packetId) : session.received(packetId);
  judge(result, 'pubrec', packetId, outlet, shared);
  if (result === 'unknown' && !refused) {
    const properties = outlet.explanation(explanationOf('packet_id_not_found'));
    outlet.send({ type: 'pubrel', packetId, reasonCode: ReasonCode.packetIdentifierNotFound, properties });
  }
}

/** The client's PUBCOMP: a QoS 2 delivery is over. */
export function onPubcomp(
  session: AttachedSession,
  { packetId }: AckPacket,
  outlet: Outlet,
  shared: Shared,
): void {
  judge(session.completed(packetId), 'pubcomp', packetId, outlet, shared);
}

/**
 * Counts what acknowledges nothing, which a client may send after it lost its connection, and ends a client
 * that answers a message with a packet of another QoS or out of its turn: a protocol error.
 */
function judge(
  result: AckResult,
  type: 'puback' | 'pubrec' | 'pubcomp',
  packetId: number,
  outlet: Outlet,
  { counters }: Shared,
): void {
  if (result === 'unknown') counters.named[`packets.${type}.missed`].value++;
  if (result !== 'unexpected') return;
  counters.named[`packets.${type}.inuse`].value++;
  outlet.end('protocol_error', `${type.toUpperCase()} out of turn for packet identifier ${packetId}`);
}
