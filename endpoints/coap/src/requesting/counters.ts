import type { Metrics } from '@portico/core';
import { type CounterOwner, type Counters, registered } from '../counters.js';

/** By name, without the prefix of the gateway, and what they count, without its title. */
const COUNTERS = {
  'requests.sent': 'requests to peers, each counted once however many blocks it has',
  'requests.answered': 'requests to peers that got a response, whatever it says',
  'requests.failed.timeout': 'requests to peers that did not acknowledge, or not respond in time',
  'requests.failed.reset': 'requests to peers that rejected them with a Reset',
  'requests.failed.closed': 'requests to peers whose connection was gone before they responded',
  'requests.failed.cancelled': 'requests to peers that were taken back before they responded',
  'requests.failed.too_large': 'requests to peers whose response is longer than max_payload_size',
  'requests.failed.incomplete':
    'requests to peers whose blocks did not fit together, or took too much memory',
  'requests.failed.queue_full': 'requests refused, or dropped, because too many waited for their peer',
  'responses.duplicate': 'responses and notifications that arrived again',
  'downloads.dropped.timeout': 'payloads fetched in blocks, dropped because no further block came',
  'downloads.dropped.peer_limit': 'payloads fetched in blocks, dropped for others of their peer',
  'downloads.dropped.total_limit':
    'payloads fetched in blocks, dropped because all together took too much memory',
} as const;

/** Counters of requests to peers. */
export type RequestCounters = Counters<keyof typeof COUNTERS>;

/** Registers the counters of a gateway's requests to its peers. */
export function requestCounters(metrics: Metrics, owner: CounterOwner): RequestCounters {
  return registered(COUNTERS, metrics, owner);
}
