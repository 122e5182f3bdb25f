import type { PacketType } from '@portico/codec-mqtt';
import type { Counter, CounterSet, Metrics } from '@portico/core';

const COUNTERS = {
  'packets.received': 'MQTT packets received',
  'packets.sent': 'MQTT packets sent',
  'packets.connect.received': 'CONNECT packets received',
  'packets.connack.sent': 'CONNACK packets sent',
  'packets.connack.error': 'CONNACK packets sent that refuse the client',
  'packets.connack.auth_error': 'CONNACK packets sent because of wrong credentials or missing rights',
  'packets.publish.received': 'PUBLISH packets received',
  'packets.publish.sent': 'PUBLISH packets sent',
  'packets.publish.inuse': 'PUBLISH packets received whose packet identifier is still in use',
  'packets.publish.auth_error': 'PUBLISH packets received that access control refused',
  'packets.publish.error': 'PUBLISH packets received that could not be published',
  'packets.publish.dropped': 'PUBLISH packets received above the receive limit',
  'packets.puback.received': 'PUBACK packets received',
  'packets.puback.sent': 'PUBACK packets sent',
  'packets.puback.inuse': 'PUBACK packets received whose packet identifier is that of a QoS 2 message',
  'packets.puback.missed': 'PUBACK packets received with an unknown packet identifier',
  'packets.pubrec.received': 'PUBREC packets received',
  'packets.pubrec.sent': 'PUBREC packets sent',
  'packets.pubrec.inuse': 'PUBREC packets received whose packet identifier is that of a QoS 1 message',
  'packets.pubrec.missed': 'PUBREC packets received with an unknown packet identifier',
  'packets.pubrel.received': 'PUBREL packets received',
  'packets.pubrel.sent': 'PUBREL packets sent',
  'packets.pubrel.missed': 'PUBREL packets received with an unknown packet identifier',
  'packets.pubcomp.received': 'PUBCOMP packets received',
  'packets.pubcomp.sent': 'PUBCOMP packets sent',
  'packets.pubcomp.inuse': 'PUBCOMP packets received for a message that is not yet released',
  'packets.pubcomp.missed': 'PUBCOMP packets received with an unknown packet identifier',
  'packets.subscribe.received': 'SUBSCRIBE packets received',
  'packets.subscribe.error': 'SUBSCRIBE packets received with a topic filter that was refused',
  'packets.subscribe.auth_error':
    'SUBSCRIBE packets received with a topic filter that access control refused',
  'packets.suback.sent': 'SUBACK packets sent',
  'packets.unsubscribe.received': 'UNSUBSCRIBE packets received',
  'packets.unsubscribe.error': 'UNSUBSCRIBE packets received with a topic filter that was refused',
  'packets.unsuback.sent': 'UNSUBACK packets sent',
  'packets.pingreq.received': 'PINGREQ packets received',
  'packets.pingresp.sent': 'PINGRESP packets sent',
  'packets.disconnect.received': 'DISCONNECT packets received',
  'packets.disconnect.sent': 'DISCONNECT packets sent',
  'packets.auth.received': 'AUTH packets received',
  'packets.auth.sent': 'AUTH packets sent',
} as const;

type CounterName = keyof typeof COUNTERS;
type CounterByType = { readonly [Type in PacketType]?: Counter };

/** The counters of packets that all channels of the gateway share, under the names of the management API. */
export class PacketCounters {
  readonly named: CounterSet<CounterName>;
  readonly #receivedAll: Counter;
  readonly #sentAll: Counter;
  readonly #received: CounterByType;
  readonly #sent: CounterByType;
  readonly #publishSent: Counter;

  constructor(metrics: Metrics) {
    this.named = metrics.counterSet(COUNTERS);
    this.#receivedAll = this.named['packets.received'];
    this.#sentAll = this.named['packets.sent'];
    this.#received = this.#byType('received');
    this.#sent = this.#byType('sent');
    this.#publishSent = this.named['packets.publish.sent'];
  }

  received(type: PacketType): void {
    this.#receivedAll.value++;
    const counter = this.#received[type];
    if (counter !== undefined) counter.value++;
  }

  sent(type: PacketType): void {
    this.#sentAll.value++;
    const counter = this.#sent[type];
    if (counter !== undefined) counter.value++;
  }

  sentPublish(): void {
    this.#sentAll.value++;
    this.#publishSent.value++;
  }

  /** The counters named `packets.<type>.<direction>`, by type. */
  #byType(direction: 'received' | 'sent'): CounterByType {
    const byType = Object.values(this.named).flatMap((counter): [string, Counter][] => {
      const [, type, event] = counter.name.split('.');
      return type !== undefined && event === direction ? [[type, counter]] : [];
    });
    return Object.fromEntries(byType);
  }
}
