import type { GatewayContext, SessionOptions } from '@portico/core';
import type { RetryPolicy } from './command-queue.js';
import type { Gbt32960Config } from './config.js';
import type { Gbt32960Counters } from './counters.js';
import type { MessageReader } from './message-reader.js';

/** What all channels of the gateway share. */
export interface Shared {
  readonly config: Gbt32960Config;
  readonly session: SessionOptions;
  readonly context: GatewayContext;
  readonly counters: Gbt32960Counters;
  readonly reader: MessageReader;
  readonly retry: RetryPolicy;
}
