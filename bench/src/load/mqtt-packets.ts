import { encodeToBuffer, type QoS, type SubscriptionRequest } from '@portico/codec-mqtt';

/** MQTT 3.1.1, which every peer speaks. */
export const VERSION = 4;

export const PINGREQ = encodeToBuffer({ type: 'pingreq' }, VERSION);
export const DISCONNECT = encodeToBuffer({ type: 'disconnect', reasonCode: 0 }, VERSION);

export function connectPacket(clientId: string, cleanStart = true): Buffer {
  return encodeToBuffer(
    { type: 'connect', protocolVersion: VERSION, cleanStart, keepAlive: 0, clientId },
    VERSION,
  );
}

export function subscribePacket(filters: readonly string[], qos: QoS): Buffer {
  const subscriptions = filters.map(
    (filter): SubscriptionRequest => ({
      filter,
      qos,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
    }),
  );
  return encodeToBuffer({ type: 'subscribe', packetId: 1, subscriptions }, VERSION);
}

/** @param packetId 0 for QoS 0 */
export function publishPacket(topic: string, payload: Buffer, qos: QoS, packetId: number): Buffer {
  return encodeToBuffer(
    { type: 'publish', topic, payload, qos, retain: false, dup: false, packetId },
    VERSION,
  );
}
