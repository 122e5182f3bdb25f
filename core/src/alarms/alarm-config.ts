import { z } from 'zod';
import { duration } from '../config/units.js';

/** What is done when an alarm becomes active, and when it is over. */
const ALARM_ACTIONS = ['log', 'publish'] as const;

/** The `alarm` section of the configuration. */
export const alarmConfigSchema = z.strictObject({
  actions: z
    .array(z.enum(ALARM_ACTIONS))
    .default([...ALARM_ACTIONS])
    .describe('what is done when an alarm becomes active and when it is over: a line in the log, a message'),
  size_limit: z
    .int()
    .min(0)
    .max(100_000)
    .default(1000)
    .describe('alarms that are over and remembered; beyond, the oldest are forgotten'),
  validity_period: duration({ from: '1s', to: '3650d' })
    .prefault('24h')
    .describe('how long an alarm that is over is remembered'),
});

export type AlarmConfig = z.output<typeof alarmConfigSchema>;
