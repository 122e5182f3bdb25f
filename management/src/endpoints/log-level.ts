import { LOG_LEVELS } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type Endpoint, endpoint } from '../endpoint.js';

/** How much is logged: `log` of the API. */
export const logEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/log/level',
    name: 'get_log_level',
    descr: 'Show the log level',
    data: answers.logLevel,
    handle: ({ log }) => ({ data: { level: log.level } }),
  }),
  endpoint({
    method: 'PUT',
    path: '/log/level',
    name: 'set_log_level',
    descr: 'Set the log level, until the hub stops or it is set again',
    body: z.strictObject({ level: z.enum(LOG_LEVELS).describe('what is logged, and all that is worse') }),
    audit: ['level'],
    handle({ log }, { body }) {
      log.level = body.level;
      return {};
    },
  }),
];
