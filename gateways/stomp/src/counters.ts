import type { CounterSet, Metrics } from '@portico/core';

const COUNTERS = {
  'stomp.errors.sent': 'STOMP ERROR frames sent',
  'stomp.acks.unknown':
    'STOMP ACK and NACK frames for messages that are not, or no longer, to be acknowledged',
  'stomp.held.dropped':
    'Messages dropped because too many were held for durable STOMP subscriptions that were not renewed',
  'stomp.nacks.received': 'STOMP messages that their client has refused by NACK',
} as const;

/** The counters of the gateway by name. */
export type StompCounters = CounterSet<keyof typeof COUNTERS>;

/** Registers them with the hub. */
export function stompCounters(metrics: Metrics): StompCounters {
  return metrics.counterSet(COUNTERS);
}
