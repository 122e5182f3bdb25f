import { duration } from '@portico/core';
import { z } from 'zod';

/** Configuration keys of commands that every gateway's section takes in. */
export const commandConfigShape = {
  max_commands: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('commands that may wait for one device; others are answered with 5.03'),
  command_expiry: duration({ from: '1s', to: '365d', orZero: true })
    .prefault('1d')
    .describe(
      'how long a command may wait for its device, unless its message expires before; then it is answered with 5.04; 0 for ever',
    ),
  max_observations: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('observations of one device; others are answered with 5.03'),
};
