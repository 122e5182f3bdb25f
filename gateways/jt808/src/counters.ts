import type { CounterSet, Metrics } from '@portico/core';

const COUNTERS = {
  'jt808.frames.malformed': 'JT/T 808 frames whose check byte, escapes or length are wrong',
  'jt808.frames.refused': 'JT/T 808 messages of terminals that are not authenticated',
  'jt808.frames.other_phone': 'JT/T 808 messages with another phone number than that of their connection',
  'jt808.bodies.faulty': 'JT/T 808 messages of which not everything could be read',
  'jt808.parts.dropped': 'JT/T 808 messages in parts that were given up',
  'jt808.registrations.refused': 'JT/T 808 terminals that may not register',
  'jt808.services.failed': 'Questions to the HTTP services of JT/T 808 that were not answered',
  'jt808.commands.invalid': 'JT/T 808 commands that cannot be written as a message',
  'jt808.commands.retransmitted': 'JT/T 808 commands sent again',
  'jt808.commands.unanswered': 'JT/T 808 commands given up because the terminal did not answer',
} as const;

/** The counters of the gateway by name. */
export type Jt808Counters = CounterSet<keyof typeof COUNTERS>;

/** Registers them with the hub. */
export function jt808Counters(metrics: Metrics): Jt808Counters {
  return metrics.counterSet(COUNTERS);
}
