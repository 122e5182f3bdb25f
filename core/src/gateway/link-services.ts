import type { Backpressure } from '../engine/backpressure.js';
import type { Clock } from '../runtime/clock.js';
import type { LineLimits } from '../runtime/line-limit.js';
import type { Logger } from '../runtime/logger.js';
import type { Counter } from '../runtime/metrics.js';
import type { Timers } from '../runtime/timers.js';
import type { Store } from '../store/store.js';
import type { FlushQueue } from './outbox.js';
import type { PendingBytes } from './pending-bytes.js';
import type { WireTap } from './wire-tap.js';

/** What all links of the hub share. */
export interface LinkServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Lines about what peers send that is no frame, by listener. */
  readonly faultLines: LineLimits;
  readonly store: Store;
  readonly backpressure: Backpressure;
  readonly flushQueue: FlushQueue;
  readonly pending: PendingBytes;
  readonly counters: LinkCounters;
  /** For operators who watch frames. */
  readonly wire: WireTap;
}

export interface LinkCounters {
  readonly bytesReceived: Counter;
  readonly bytesSent: Counter;
  readonly frameErrors: Counter;
  /** Datagrams for which too many waited: behind one that is being handled, or for the rate of their peer. */
  readonly datagramsDropped: { readonly busy: Counter; readonly rate: Counter };
}
