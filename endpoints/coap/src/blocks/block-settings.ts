import type { Clock, Timers } from '@portico/core';
import type { CoapEndpointConfig } from '../config.js';
import type { EndpointCounters } from '../counters.js';
import { TRANSFER_OVERHEAD, type TransferLimits } from './transfer-table.js';

/** What all that goes in blocks (RFC 7959) shares. */
export interface BlockSettings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly counters: EndpointCounters;
  /** Of what comes in blocks, and once more of what is fetched in blocks. */
  readonly limits: TransferLimits;
  /** Bytes of the longest payload, in however many blocks. */
  readonly maxPayload: number;
  /** Bytes of the largest block that is sent, and that a peer is asked to send. */
  readonly maxBlockSize: number;
}

/** What comes in blocks has room for up to twice its length. */
const ROOM = 2;

/** The configured bounds, with what they need of the hub. There is always room for one payload of the longest. */
export function blockSettings(
  config: Pick<
    CoapEndpointConfig,
    'max_payload_size' | 'max_block_size' | 'max_transfers' | 'max_transfers_size' | 'transfer_timeout'
  >,
  hub: Pick<BlockSettings, 'clock' | 'timers' | 'counters'>,
): BlockSettings {
  const longest = ROOM * config.max_payload_size + TRANSFER_OVERHEAD;
  return {
    ...hub,
    limits: {
      maxPerPeer: config.max_transfers,
      maxBytes: Math.max(config.max_transfers_size, longest),
      timeout: config.transfer_timeout,
    },
    maxPayload: config.max_payload_size,
    maxBlockSize: config.max_block_size,
  };
}
