import type { CounterSet, Metrics } from '@portico/core';

const COUNTERS = {
  'gbt32960.frames.malformed': 'GB/T 32960 frames with a wrong check byte or length',
  'gbt32960.messages.faulty': 'GB/T 32960 messages published although a part of them is wrong',
  'gbt32960.messages.dropped.not_logged_in': 'GB/T 32960 messages of VINs that have not logged in',
  'gbt32960.messages.dropped.too_many_vehicles': 'GB/T 32960 messages of more VINs than a platform may bring',
  'gbt32960.messages.dropped.bad_signature': 'GB/T 32960 reports dropped for want of a right signature',
  'gbt32960.cells.incomplete':
    'batteries of GB/T 32960 whose voltages were not joined because a part has not come',
  'gbt32960.commands.sent': 'GB/T 32960 commands sent, without repetitions',
  'gbt32960.commands.resent': 'GB/T 32960 commands sent again for want of an answer',
  'gbt32960.commands.dropped.invalid': 'GB/T 32960 commands that cannot be understood',
  'gbt32960.commands.dropped.queue_full': 'GB/T 32960 commands for a VIN for which too many wait',
  'gbt32960.commands.dropped.no_response': 'GB/T 32960 commands never answered',
  'gbt32960.commands.dropped.disconnected': 'GB/T 32960 commands whose VIN went away',
} as const;

/** The counters of the gateway by name. */
export type Gbt32960Counters = CounterSet<keyof typeof COUNTERS>;

/** Registers them with the hub. */
export function gbt32960Counters(metrics: Metrics): Gbt32960Counters {
  return metrics.counterSet(COUNTERS);
}
