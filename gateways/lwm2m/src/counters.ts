import {
  type CounterOwner,
  type Counters,
  type EndpointCounters,
  endpointCounters,
  type RequestCounters,
  registered,
  requestCounters,
} from '@portico/coap-endpoint';
import type { Gauge, Metrics } from '@portico/core';

/** Whose counters they are. */
export const OWNER: CounterOwner = { prefix: 'lwm2m.', title: 'LwM2M' };

/** By name, without prefix, and what they count. */
const COUNTERS = {
  'registrations.registered': 'registrations, also of devices that were registered',
  'registrations.updated': 'updates of registrations',
  'registrations.restored': 'registrations that outlived the hub',
  'registrations.deregistered': 'registrations ended by their device',
  'registrations.expired': 'registrations whose lifetime went by without an update',
  'registrations.removed': 'registrations ended by the hub, or by somebody else with the name of the device',
  'registrations.refused': 'requests to register that were refused',
  'updates.refused': 'updates that were refused, also of devices that are not registered',
  'devices.moved': 'times that a device was heard from another address than before',
  'messages.dropped.unpublished': 'messages of devices that could not be published',
} as const;

/** What the gateway counts. */
export interface Lwm2mMetrics {
  readonly counters: Counters<keyof typeof COUNTERS>;
  readonly endpoint: EndpointCounters;
  readonly requests: RequestCounters;
  readonly devices: Gauge;
}

/** Registers what the gateway counts with the hub. */
export function lwm2mMetrics(metrics: Metrics): Lwm2mMetrics {
  return {
    counters: registered(COUNTERS, metrics, OWNER),
    endpoint: endpointCounters(metrics, OWNER),
    requests: requestCounters(metrics, OWNER),
    devices: metrics.gauge('lwm2m.devices', 'LwM2M devices that are registered'),
  };
}
