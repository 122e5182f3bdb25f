import type { CounterSet, Gauge, Metrics } from '@portico/core';
import type { ClientState } from './states.js';

const COUNTERS = {
  'mqttsn.messages.received': 'MQTT-SN messages received',
  'mqttsn.messages.sent': 'MQTT-SN messages sent',
  'mqttsn.messages.malformed': 'datagrams that are no MQTT-SN message',
  'mqttsn.messages.unexpected': 'MQTT-SN messages that mean nothing where they came',
  'mqttsn.messages.unconnected': 'MQTT-SN messages from addresses that nobody has connected from',
  'mqttsn.nodes.refused': 'MQTT-SN messages of wireless nodes above max_nodes',
  'mqttsn.connect.refused': 'MQTT-SN clients refused',
  'mqttsn.clients.lost': 'MQTT-SN clients that did not keep to their keep alive, sleep or acknowledgements',
  'mqttsn.clients.moved': 'MQTT-SN clients that went on from another port',
  'mqttsn.clients.woken': 'times that a sleeping MQTT-SN client asked for its messages',
  'mqttsn.publish.qos3.received': 'MQTT-SN messages of QoS -1 published',
  'mqttsn.publish.qos3.dropped': 'MQTT-SN messages of QoS -1 dropped',
  'mqttsn.publish.duplicate': 'MQTT-SN PUBLISH received again after they were acknowledged',
  'mqttsn.publish.refused': 'MQTT-SN PUBLISH refused: topic id, access or limits',
  'mqttsn.subscribe.refused': 'MQTT-SN SUBSCRIBE refused',
  'mqttsn.register.refused': 'MQTT-SN REGISTER refused, by either side',
  'mqttsn.register.retransmitted': 'MQTT-SN REGISTER sent again',
  'mqttsn.delivery.dropped.not_registered':
    'messages for MQTT-SN clients dropped because the client refused the topic',
} as const;

export type CounterName = keyof typeof COUNTERS;

/** What the gateway counts. */
export interface SnMetrics {
  readonly counters: CounterSet<CounterName>;
  /** Connected clients, asleep or not. */
  readonly clients: Gauge;
  /** Those of them in each state. */
  readonly clientsByState: Readonly<Record<ClientState, Gauge>>;
}

/** Registers what the gateway counts with the hub. */
export function snMetrics(metrics: Metrics): SnMetrics {
  return {
    counters: metrics.counterSet(COUNTERS),
    clients: metrics.gauge('mqttsn.clients', 'MQTT-SN clients that are connected'),
    clientsByState: {
      active: metrics.gauge('mqttsn.clients.active', 'MQTT-SN clients that are active'),
      asleep: metrics.gauge('mqttsn.clients.asleep', 'MQTT-SN clients that sleep'),
      awake: metrics.gauge(
        'mqttsn.clients.awake',
        'MQTT-SN clients that are awake, for the messages that waited',
      ),
    },
  };
}
