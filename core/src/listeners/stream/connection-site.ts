import type { ConnectionInfo, PeerAddress } from '../../engine/client-info.js';
import type { Timers } from '../../runtime/timers.js';
import type { Accept } from '../connection.js';
import type { Arrival } from './arrivals.js';

/** What a stream connection needs of its listener; one object for all its connections. */
export interface ConnectionSite {
  readonly timers: Timers;
  /** Milliseconds. */
  readonly sendTimeout: number;
  /** Whether a connection is closed on send timeout even though nobody has asked to close it. */
  readonly sendTimeoutCloses: boolean;
  readonly accept: Accept;
  /** Whether the listener is bound to a loopback address, so that only this machine can reach it. */
  isLoopback(): boolean;
  /**
   * Counts an arrival as a connection from now on.
   * @returns undefined when it has been refused in the meantime
   */
  enlist(arrival: Arrival, subprotocol: string | undefined): ConnectionInfo | undefined;
  /**
   * Whether the first bytes of a connection are a PROXY header although none is expected, so that the
   * operator can be told what to configure. They are logged then.
   */
  isStrayProxyHeader(bytes: Buffer, peer: PeerAddress): boolean;
  /** An enlisted connection is gone. */
  connectionClosed(): void;
}
