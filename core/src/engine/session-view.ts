import type { ClientInfo, ClientStatus } from './client-info.js';
import type { Subscription } from './subscription.js';
import type { ClientTraffic } from './traffic.js';
import type { DropCounts, SessionOptions, SessionStatistics } from './types.js';

/** What operators see of a subscription; the fields are told at {@link Subscription}. */
export type SubscriptionEntry = Pick<Subscription, 'filter' | 'route' | 'group' | 'qos'>;

/**
 * A session as operators see it: nothing of it can be changed through this, and nothing is copied before it is asked
 * for. `Engine.sessions` has them by client id.
 */
export interface SessionView {
  /** Who it belongs to: the present client, or the last one. */
  readonly client: ClientInfo;
  readonly connected: boolean;
  /** What its client is like at present, which may be elsewhere than where it connected from. */
  readonly status: ClientStatus;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970; undefined while its client is connected. */
  readonly disconnectedAt: number | undefined;
  /** Seconds that it outlives its connection; `NEVER_EXPIRES` for ever. */
  readonly expiry: number;
  readonly options: SessionOptions;
  readonly statistics: SessionStatistics;
  /** Undefined while its client is not connected. */
  readonly traffic: ClientTraffic | undefined;
  readonly drops: DropCounts;
  /** By filter as the client asked for it. */
  readonly subscriptions: ReadonlyMap<string, SubscriptionEntry>;
}
