import type { Counter, Metrics } from '@portico/core';

/** By name, without the prefix of the gateway, and what they count, without its title. */
const COUNTERS = {
  'messages.malformed': 'datagrams that are no CoAP message',
  'messages.unexpected': 'responses, and codes of no meaning, that nobody asked for',
  'messages.retransmitted': 'confirmable messages sent again',
  'responses.dropped':
    'non-confirmable responses, and ends of observations, not sent because all message ids of their peer were in use',
  'responses.separate':
    'responses that had to wait and came after the acknowledgement of their request, and were acknowledged',
  'responses.unacknowledged': 'responses of that kind that their peer did not acknowledge',
  'requests.received': 'requests, each counted once',
  'requests.duplicate': 'requests that arrived again',
  'exchanges.evicted': 'requests forgotten before their time because a peer, or all together, sent too many',
  'uploads.completed': 'payloads that came in more than one block and are whole',
  'uploads.dropped.timeout': 'payloads in blocks dropped because no further block came',
  'uploads.dropped.peer_limit': 'payloads in blocks dropped because their peer began too many others',
  'uploads.dropped.total_limit': 'payloads in blocks dropped because all together took too much memory',
  'uploads.dropped.closed': 'payloads in blocks dropped with the connection of their peer',
  'uploads.dropped.restarted': 'payloads in blocks that their peer began again',
  'uploads.dropped.too_large': 'payloads in blocks dropped because they were too large',
  'uploads.dropped.conflict': 'payloads in blocks dropped because one block came with different bytes',
  'bodies.dropped.timeout': 'payloads dropped because their further blocks were not asked for',
  'bodies.dropped.peer_limit': 'payloads dropped before all blocks were asked for, for others of their peer',
  'bodies.dropped.total_limit':
    'payloads dropped before all blocks were asked for because all together took too much memory',
  'bodies.dropped.closed':
    'payloads dropped before all blocks were asked for, with the connection of their peer',
} as const;

/** The endpoint's counters of one gateway. */
export type EndpointCounters = Counters<keyof typeof COUNTERS>;

/** Counters by name, without prefix. */
export type Counters<Name extends string> = Readonly<Record<Name, Counter>>;

/** Whose counters they are. */
export interface CounterOwner {
  /** In front of their names: `coap.`. */
  readonly prefix: string;
  /** In front of what they count: `CoAP`. */
  readonly title: string;
}

/** Registers the endpoint's counters of a gateway with the hub. */
export function endpointCounters(metrics: Metrics, owner: CounterOwner): EndpointCounters {
  return registered(COUNTERS, metrics, owner);
}

/** Registers counters, each once for all who ask. @param helps what each counts, by its name */
export function registered<Name extends string>(
  helps: Readonly<Record<Name, string>>,
  metrics: Metrics,
  { prefix, title }: CounterOwner,
): Counters<Name> {
  const counters = Object.entries<string>(helps).map(([name, help]) => [
    name,
    metrics.counter(`${prefix}${name}`, `${title} ${help}`),
  ]);
  return Object.fromEntries(counters) as Counters<Name>;
}
