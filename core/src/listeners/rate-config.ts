import type { z } from 'zod';
import { byteRate, messageRate } from '../config/units.js';

/** The keys of a listener about how much each of its peers may send. */
export const rateShape = {
  bytes_rate: byteRate()
    .optional()
    .describe('bytes that one connection may send, such as "100KB,10s"; the zone\'s if not given'),
  messages_rate: messageRate()
    .optional()
    .describe('messages that one connection may send, such as "100,10s"; the zone\'s if not given'),
};

/** The same keys of a gateway or a zone, for its listeners that do not have their own. */
export const ownRateShape = {
  bytes_rate: byteRate()
    .optional()
    .describe('bytes that one connection may send, such as "100KB,10s"; unlimited if not given'),
  messages_rate: messageRate()
    .optional()
    .describe('messages that one connection may send, such as "100,10s"; unlimited if not given'),
};

/** How much one peer may send, at either place; undefined for no bound. */
export type RateSettings = { readonly [Key in keyof typeof rateShape]?: z.output<(typeof rateShape)[Key]> };
