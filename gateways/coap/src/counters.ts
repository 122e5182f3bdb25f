import {
  type CounterOwner,
  type Counters,
  type EndpointCounters,
  endpointCounters,
  registered,
} from '@portico/coap-endpoint';
import type { Gauge, Metrics } from '@portico/core';

const OWNER: CounterOwner = { prefix: 'coap.', title: 'CoAP' };

/** By name, without prefix, and what they count. */
const COUNTERS = {
  'clients.refused': 'clients refused because of max_clients or max_clients_per_peer',
  'topics.refused': 'topics not created in /ps because of max_ps_topics or max_ps_topics_per_client',
  'observe.registered': 'observations registered or renewed',
  'observe.moved': 'observations moved to the newer address of their client',
  'observe.cancelled.request': 'observations cancelled by their client',
  'observe.cancelled.replaced': 'observations replaced by another with their token',
  'observe.cancelled.refused': 'observations that access control or a limit refused',
  'observe.cancelled.rst': 'observations ended because a notification was rejected',
  'observe.cancelled.timeout': 'observations ended because a peer did not acknowledge',
  'observe.cancelled.closed': 'observations ended with the connection of their peer',
  'observe.cancelled.session': 'observations ended with the session of their client',
  'notify.sent': 'notifications sent, each counted once',
  'notify.dropped.queue_full': 'notifications dropped because too many waited for a peer',
  'notify.dropped.superseded':
    'notifications replaced by a newer one while all message ids of their peer were in use',
  'notify.dropped.cancelled': 'notifications dropped because their observation ended',
  'notify.dropped.reset': 'notifications that their peer rejected',
  'notify.dropped.timeout': 'notifications that their peer never acknowledged',
  'notify.dropped.unfetched': 'notifications whose observer did not ask for all blocks in time',
  'notify.dropped.closed': 'notifications dropped with the connection of their peer',
} as const;

/** The counters of the gateway by name, those of its endpoint, and the numbers of its clients and topics. */
export interface CoapMetrics {
  readonly counters: Counters<keyof typeof COUNTERS>;
  readonly endpoint: EndpointCounters;
  readonly clients: Gauge;
  readonly topics: Gauge;
}

/** Registers the gateway's counters with the hub. */
export function coapMetrics(metrics: Metrics): CoapMetrics {
  return {
    counters: registered(COUNTERS, metrics, OWNER),
    endpoint: endpointCounters(metrics, OWNER),
    clients: metrics.gauge('coap.clients', 'CoAP clients with a session'),
    topics: metrics.gauge('coap.topics', 'CoAP topics that clients have created in /ps'),
  };
}
