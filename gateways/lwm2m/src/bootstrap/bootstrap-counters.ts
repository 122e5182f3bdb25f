import {
  type CounterOwner,
  type Counters,
  type EndpointCounters,
  endpointCounters,
  type RequestCounters,
  registered,
  requestCounters,
} from '@portico/coap-endpoint';
import type { Metrics } from '@portico/core';

const OWNER: CounterOwner = { prefix: 'lwm2mbootstrap.', title: 'LwM2M bootstrap' };

/** By name, without prefix, and what they count. */
const COUNTERS = {
  'bootstraps.started': 'bootstraps that devices asked for and were begun',
  'bootstraps.finished': 'bootstraps brought to their end',
  'bootstraps.failed': 'bootstraps ended by an error, or by a device that did not answer',
  'bootstraps.refused': 'requests for a bootstrap that were refused',
  'packs.sent': 'bootstrap packs that devices fetched',
  'messages.dropped.unpublished': 'messages about bootstraps that could not be published',
} as const;

/** What the gateway counts. */
export interface BootstrapMetrics {
  readonly counters: Counters<keyof typeof COUNTERS>;
  readonly endpoint: EndpointCounters;
  readonly requests: RequestCounters;
}

/** Registers what the gateway counts with the hub. */
export function bootstrapMetrics(metrics: Metrics): BootstrapMetrics {
  return {
    counters: registered(COUNTERS, metrics, OWNER),
    endpoint: endpointCounters(metrics, OWNER),
    requests: requestCounters(metrics, OWNER),
  };
}
