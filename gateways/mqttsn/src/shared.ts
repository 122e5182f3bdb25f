import type { GatewayContext, SessionOptions } from '@portico/core';
import type { ClientRecords } from './client-records.js';
import type { SnConfig } from './config.js';
import type { SnMetrics } from './counters.js';
import type { PredefinedTopics } from './predefined-topics.js';

/** What all clients of the gateway share. */
export interface Shared {
  readonly context: GatewayContext;
  readonly config: SnConfig;
  readonly metrics: SnMetrics;
  readonly predefined: PredefinedTopics;
  readonly session: SessionOptions;
  readonly records: ClientRecords;
}
