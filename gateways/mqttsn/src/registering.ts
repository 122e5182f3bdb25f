import { type RegisterMessage, ReturnCode } from '@portico/codec-mqtt-sn';
import { topicNameError } from '@portico/core';
import type { SnClient } from './client.js';
import type { Shared } from './shared.js';

/** REGISTER of a client, MQTT-SN 1.2 §6.5: the same topic always gets the same id. */
export function onRegister(
  client: SnClient,
  { msgId, topicName }: RegisterMessage,
  { metrics }: Shared,
): void {
  const { address, registrations } = client;
  const isTopic = topicNameError(topicName) === undefined;
  const target = isTopic ? registrations.assign(topicName) : undefined;
  if (target === undefined) {
    metrics.counters['mqttsn.register.refused'].value++;
    const returnCode = isTopic ? ReturnCode.congestion : ReturnCode.notSupported;
    address.send({ type: 'regack', topicId: 0, msgId, returnCode });
    return;
  }
  if (!target.known) client.acquainted(target.id);
  address.sendAck({ type: 'regack', topicId: target.id, msgId, returnCode: ReturnCode.accepted });
}
