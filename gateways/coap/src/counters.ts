import type { Counter, Gauge, Metrics } from '@portico/core';

const COUNTERS = {
  'coap.clients.refused': 'CoAP clients refused because of max_clients or max_clients_per_peer',
  'coap.messages.malformed': 'CoAP datagrams that are no CoAP message',
  'coap.messages.unexpected': 'CoAP responses, and codes of no meaning, that nobody asked for',
  'coap.responses.dropped':
    'CoAP non-confirmable responses, and ends of observations, not sent because all message ids of their peer were in use',
  'coap.responses.separate':
    'CoAP responses that had to wait and came after the acknowledgement of their request, and were acknowledged',
  'coap.responses.unacknowledged': 'CoAP responses of that kind that their peer did not acknowledge',
  'coap.requests.received': 'CoAP requests, each counted once',
  'coap.requests.duplicate': 'CoAP requests that arrived again',
  'coap.exchanges.evicted':
    'CoAP requests forgotten before their time because a peer, or all together, sent too many',
  'coap.topics.refused':
    'CoAP topics not created in /ps because of max_ps_topics or max_ps_topics_per_client',
  'coap.uploads.completed': 'CoAP payloads that came in more than one block and are whole',
  'coap.uploads.dropped.timeout': 'CoAP payloads in blocks dropped because no further block came',
  'coap.uploads.dropped.peer_limit':
    'CoAP payloads in blocks dropped because their peer began too many others',
  'coap.uploads.dropped.total_limit':
    'CoAP payloads in blocks dropped because all together took too much memory',
  'coap.uploads.dropped.closed': 'CoAP payloads in blocks dropped with the connection of their peer',
  'coap.uploads.dropped.restarted': 'CoAP payloads in blocks that their peer began again',
  'coap.uploads.dropped.too_large': 'CoAP payloads in blocks dropped because they were too large',
  'coap.uploads.dropped.conflict':
    'CoAP payloads in blocks dropped because one block came with different bytes',
  'coap.bodies.dropped.timeout': 'CoAP payloads dropped because their further blocks were not asked for',
  'coap.bodies.dropped.peer_limit':
    'CoAP payloads dropped before all blocks were asked for, for others of their peer',
  'coap.bodies.dropped.total_limit':
    'CoAP payloads dropped before all blocks were asked for because all together took too much memory',
  'coap.bodies.dropped.closed':
    'CoAP payloads dropped before all blocks were asked for, with the connection of their peer',
  'coap.observe.registered': 'CoAP observations registered or renewed',
  'coap.observe.moved': 'CoAP observations moved to the newer address of their client',
  'coap.observe.cancelled.request': 'CoAP observations cancelled by their client',
  'coap.observe.cancelled.replaced': 'CoAP observations replaced by another with their token',
  'coap.observe.cancelled.refused': 'CoAP observations that access control or a limit refused',
  'coap.observe.cancelled.rst': 'CoAP observations ended because a notification was rejected',
  'coap.observe.cancelled.timeout': 'CoAP observations ended because a peer did not acknowledge',
  'coap.observe.cancelled.closed': 'CoAP observations ended with the connection of their peer',
  'coap.observe.cancelled.session': 'CoAP observations ended with the session of their client',
  'coap.notify.sent': 'CoAP notifications sent, each counted once',
  'coap.messages.retransmitted': 'CoAP confirmable messages sent again',
  'coap.notify.dropped.queue_full': 'CoAP notifications dropped because too many waited for a peer',
  'coap.notify.dropped.superseded':
    'CoAP notifications replaced by a newer one while all message ids of their peer were in use',
  'coap.notify.dropped.cancelled': 'CoAP notifications dropped because their observation ended',
  'coap.notify.dropped.reset': 'CoAP notifications that their peer rejected',
  'coap.notify.dropped.timeout': 'CoAP notifications that their peer never acknowledged',
  'coap.notify.dropped.unfetched': 'CoAP notifications whose observer did not ask for all blocks in time',
  'coap.notify.dropped.closed': 'CoAP notifications dropped with the connection of their peer',
} as const;

export type CounterName = keyof typeof COUNTERS;

/** All counters of the gateway by name, and the numbers of its clients and topics. */
export interface CoapMetrics {
  readonly counters: Readonly<Record<CounterName, Counter>>;
  readonly clients: Gauge;
  readonly topics: Gauge;
}

/** Registers the gateway's counters with the hub. */
export function coapMetrics(metrics: Metrics): CoapMetrics {
  const counters = Object.entries(COUNTERS).map(([name, help]) => [name, metrics.counter(name, help)]);
  return {
    counters: Object.fromEntries(counters) as Record<CounterName, Counter>,
    clients: metrics.gauge('coap.clients', 'CoAP clients with a session'),
    topics: metrics.gauge('coap.topics', 'CoAP topics that clients have created in /ps'),
  };
}
