import { encodeToBuffer, type Subscription } from '@portico/codec-mqtt';

/** MQTT 3.1.1, which every peer speaks. */
const VERSION = 4;

export const PINGREQ = encodeToBuffer({ type: 'pingreq' }, VERSION);

export function connectPacket(clientId: string): Buffer {
  return encodeToBuffer(
    { type: 'connect', protocolVersion: VERSION, cleanStart: true, keepAlive: 0, clientId },
    VERSION,
  );
}

/** With QoS 0. */
export function subscribePacket(filter: string): Buffer {
  const subscription: Subscription = {
    filter,
    qos: 0,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
  };
  return encodeToBuffer({ type: 'subscribe', packetId: 1, subscriptions: [subscription] }, VERSION);
}

/** With QoS 0. */
export function publishPacket(topic: string, payload: Buffer): Buffer {
  return encodeToBuffer(
    { type: 'publish', topic, payload, qos: 0, retain: false, dup: false, packetId: 0 },
    VERSION,
  );
}
