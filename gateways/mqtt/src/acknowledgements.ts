import { type AckPacket, ReasonCode } from '@portico/codec-mqtt';
import type { SessionDoor } from '@portico/core';
import type { Outlet, Shared } from './shared.js';

/** The client's PUBACK: a QoS 1 delivery is over, whatever its reason code says (MQTT 5 §4.3.2). */
export function onPuback(session: SessionDoor, { packetId }: AckPacket, { counters }: Shared): void {
  if (!session.acked(packetId)) counters.named['packets.puback.missed'].value++;
}

/** The client's PUBREC: a QoS 2 delivery goes on with PUBREL, or ends when it was refused (MQTT 5 §4.3.3). */
export function onPubrec(
  session: SessionDoor,
  packet: AckPacket,
  outlet: Outlet,
  { counters }: Shared,
): void {
  const { packetId, reasonCode } = packet;
  const refused = reasonCode >= ReasonCode.unspecifiedError;
  const known = refused ? session.refused(packetId) : session.received(packetId);
  if (known) return;
  counters.named['packets.pubrec.missed'].value++;
  if (!refused) outlet.send({ type: 'pubrel', packetId, reasonCode: ReasonCode.packetIdentifierNotFound });
}

/** The client's PUBCOMP: a QoS 2 delivery is over. */
export function onPubcomp(session: SessionDoor, { packetId }: AckPacket, { counters }: Shared): void {
  if (!session.completed(packetId)) counters.named['packets.pubcomp.missed'].value++;
}
