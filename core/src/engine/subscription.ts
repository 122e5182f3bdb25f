import type { Indexed } from '../topics/subscription-index.js';
import type { QoS } from './message.js';
import type { Session } from './session.js';
import type { SubscribeOptions, SubscriptionView } from './types.js';

/** One subscription of one session. */
export class Subscription implements Indexed, SubscriptionView {
  slot = 0;
  /** What the store knows it as, 0 for nothing. */
  number = 0;
  /** `Store.written` when it was stored; Infinity when the store could keep nothing then. */
  storedAt = 0;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly qos: QoS;
  readonly subscriptionIds: readonly number[] | undefined;
  readonly tag: unknown;
  readonly retainHandling: 0 | 1 | 2;
  /** Of several in one: what stands for it where the client itself has published the message. */
  readonly forOwn: Subscription | undefined = undefined;

  /**
   * @param filter as the client asked for it, with `$share/<group>/`, without mountpoint
   * @param route what topics are matched against: with mountpoint, without `$share/<group>/`
   * @param mountLength characters of the mountpoint at the front of every matching topic
   */
  constructor(
    readonly session: Session,
    readonly filter: string,
    readonly route: string,
    readonly group: string | undefined,
    readonly mountLength: number,
    options: SubscribeOptions,
  ) {
    this.qos = options.qos;
    this.noLocal = options.noLocal ?? false;
    this.retainAsPublished = options.retainAsPublished ?? false;
    this.subscriptionIds = options.subscriptionId === undefined ? undefined : [options.subscriptionId];
    this.tag = options.tag;
    this.retainHandling = options.retainHandling ?? 0;
  }

  /** As the client asked for it, with the QoS that was granted. */
  get options(): SubscribeOptions {
    const { qos, noLocal, retainAsPublished, retainHandling, subscriptionIds, tag } = this;
    return { qos, noLocal, retainAsPublished, retainHandling, subscriptionId: subscriptionIds?.[0], tag };
  }

  /** Whether it asks for the same as another one of its session. */
  isLike(other: Subscription): boolean {
    return (
      this.filter === other.filter &&
      this.qos === other.qos &&
      this.noLocal === other.noLocal &&
      this.retainAsPublished === other.retainAsPublished &&
      this.retainHandling === other.retainHandling &&
      this.subscriptionIds?.[0] === other.subscriptionIds?.[0] &&
      this.tag === other.tag
    );
  }
}

/**
 * Where several subscriptions of one session match a topic and the session asked for it, makes one of them:
 * the highest QoS, all identifiers, retain-as-published if any asks for it.
 */
export function mergeOverlapping(matched: Subscription[]): readonly Subscription[] {
  const bySession = new Map<Session, Overlapping>();
  let overlapping = false;
  for (const subscription of matched) {
    const others = bySession.get(subscription.session);
    if (others === undefined) bySession.set(subscription.session, [subscription]);
    else {
      others.push(subscription);
      overlapping ||= subscription.session.mergeOverlapping;
    }
  }
  if (!overlapping) return matched;
  return [...bySession].flatMap(([session, subscriptions]) =>
    session.mergeOverlapping ? [merge(subscriptions)] : subscriptions,
  );
}

type Overlapping = [Subscription, ...Subscription[]];

function merge(subscriptions: Overlapping): Subscription {
  const merged = mergeAlike(subscriptions);
  const [one, ...more] = subscriptions.filter(({ noLocal }) => !noLocal);
  if (one === undefined || more.length + 1 === subscriptions.length) return merged;
  // For the client's own messages only those without No Local count.
  return Object.assign(merged, { noLocal: false, forOwn: mergeAlike([one, ...more]) });
}

function mergeAlike(subscriptions: Overlapping): Subscription {
  const first = subscriptions.reduce((best, next) => (next.qos > best.qos ? next : best));
  if (subscriptions.length === 1) return first;
  const ids = subscriptions.flatMap((subscription) => subscription.subscriptionIds ?? []);
  const merged = new Subscription(first.session, first.filter, first.route, undefined, first.mountLength, {
    ...first.options,
    retainAsPublished: subscriptions.some((subscription) => subscription.retainAsPublished),
  });
  return ids.length === 0 ? merged : Object.assign(merged, { subscriptionIds: ids });
}
