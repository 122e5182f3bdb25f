import type { Timers } from '@portico/core';
import type { BlockSettings } from '../blocks/block-settings.js';
import { TransferTable } from '../blocks/transfer-table.js';
import type { CoapRequestConfig } from '../config.js';
import type { BlockFetch } from './block-fetch.js';
import type { RequestCounters } from './counters.js';
import { TokenSource } from './token-source.js';

/** What the requests to all peers share. */
export interface RequestSettings {
  readonly timers: Timers;
  readonly counters: RequestCounters;
  /** For observations, too. */
  readonly tokens: TokenSource;
  /** Responses on their way in blocks. Closed by the gateway when it stops. */
  readonly downloads: TransferTable<BlockFetch>;
  /** Bytes of the longest response, in however many blocks. */
  readonly maxPayload: number;
  /** Bytes of the largest block, sent or asked for. */
  readonly maxBlockSize: number;
  /** Milliseconds that a response may take after the acknowledgement. */
  readonly responseTimeout: number;
  /** Requests to one peer that have no response yet. */
  readonly maxRequests: number;
}

/** The configured bounds, with what they need of the hub. */
export function requestSettings(
  config: CoapRequestConfig,
  { clock, timers, limits, maxPayload, maxBlockSize }: BlockSettings,
  counters: RequestCounters,
): RequestSettings {
  return {
    timers,
    counters,
    tokens: new TokenSource(),
    downloads: new TransferTable(limits, clock, timers),
    maxPayload,
    maxBlockSize,
    responseTimeout: config.response_timeout,
    maxRequests: config.max_requests,
  };
}
