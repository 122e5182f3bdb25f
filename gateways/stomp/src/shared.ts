import type { GatewayContext, LineLimit, SessionOptions } from '@portico/core';
import type { StompConfig } from './config.js';
import type { StompCounters } from './counters.js';
import type { Destinations } from './destinations.js';
import type { TransactionLimits } from './transactions.js';

/** What all channels of the gateway share. */
export interface Shared {
  readonly config: StompConfig;
  readonly session: SessionOptions;
  readonly context: GatewayContext;
  readonly counters: StompCounters;
  readonly log: LineLimit;
  readonly destinations: Destinations;
  readonly transactions: TransactionLimits;
}

/**
 * Why a frame was not carried out: the client gets an ERROR with these words, and is let go. Undefined where all is
 * well.
 */
export type Problem = string | undefined;
