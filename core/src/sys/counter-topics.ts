import type { Metrics } from '../runtime/metrics.js';

/** One number under `$SYS/brokers/<node>/`. */
export interface NumberTopic {
  /** Below the node's level: `stats/connections/count`. */
  readonly path: string;
  readonly value: number;
}

/**
 * Counters that are also known by a topic that is not their name: those of the packets that only one side sends,
 * and some that the reference has renamed since its topics were described.
 */
const OTHER_TOPICS: Readonly<Record<string, string>> = {
  'packets/connect': 'packets.connect.received',
  'packets/connack': 'packets.connack.sent',
  'packets/subscribe': 'packets.subscribe.received',
  'packets/suback': 'packets.suback.sent',
  'packets/unsubscribe': 'packets.unsubscribe.received',
  'packets/unsuback': 'packets.unsuback.sent',
  'packets/pingreq': 'packets.pingreq.received',
  'packets/pingresp': 'packets.pingresp.sent',
  'packets/auth': 'packets.auth.received',
  'messages/expired': 'delivery.dropped.expired',
  'messages/qos2/expired': 'messages.await_rel_timeout',
  'messages/qos2/dropped': 'packets.publish.dropped',
};

const OTHER_TOPICS_BY_COUNTER: ReadonlyMap<string, string> = new Map(
  Object.entries(OTHER_TOPICS).map(([path, counter]) => [counter, path]),
);

/**
 * The topics of all statistics and counters, with their present values. A statistic has its value and the greatest
 * one since the start, each in two spellings: as described, and with dots, as the reference publishes it.
 */
export function* numberTopics(metrics: Metrics): Generator<NumberTopic, undefined> {
  for (const { name, value, max } of metrics.gauges()) {
    const path = `stats/${slashed(name)}`;
    yield { path: `${path}/count`, value };
    yield { path: `${path}/max`, value: max };
    yield { path: `stats/${name}.count`, value };
    yield { path: `stats/${name}.max`, value: max };
  }
  for (const { name, value } of metrics.counters()) {
    yield { path: `metrics/${slashed(name)}`, value };
    const other = OTHER_TOPICS_BY_COUNTER.get(name);
    if (other !== undefined) yield { path: `metrics/${other}`, value };
  }
}

function slashed(name: string): string {
  return name.replaceAll('.', '/');
}
