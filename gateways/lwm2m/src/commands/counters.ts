import { type Counters, registered } from '@portico/coap-endpoint';
import type { Metrics } from '@portico/core';
import { OWNER } from '../counters.js';

/** By name, without prefix, and what they count. */
const COUNTERS = {
  'commands.received': 'commands, each path of a list counted by itself',
  'commands.invalid': 'messages on the command topic that are no command and have no reqID to answer to',
  'commands.refused': 'commands answered with an error before they were sent: invalid, or too many waited',
  'commands.queued': 'commands that had to wait for their device',
  'commands.sent': 'commands sent to devices',
  'commands.answered': 'commands that devices answered',
  'commands.answered.late': 'answers that came after their command had been given up',
  'commands.timeout': 'commands that devices did not answer',
  'commands.failed': 'commands that devices rejected, or whose answers were not whole',
  'commands.expired': 'commands that expired while they waited',
  'commands.dropped': 'commands dropped with the registration of their device',
  'notifications.received': 'notifications of observed resources',
  'notifications.dropped.reordered': 'notifications dropped because a newer one was there before',
  'notifications.dropped.incomplete': 'notifications dropped because not all of their blocks came',
  'notifications.dropped.malformed': 'notifications dropped because they could not be understood',
  'sends.received': 'messages with values that devices sent on their own (Send)',
  'sends.refused': 'messages of that kind that were refused',
} as const;

export type CounterName = keyof typeof COUNTERS;

/** Counters of commands, observations and Send. */
export type CommandCounters = Counters<CounterName>;

/** Registers them with the hub. */
export function commandCounters(metrics: Metrics): CommandCounters {
  return registered(COUNTERS, metrics, OWNER);
}
