import { parseSubscription } from '../../topics/topic.js';
import type { Message } from '../message.js';
import { QueuedDelivery } from '../message-queue.js';
import { FIRST_OF_ALL } from '../priority-queue.js';
import type { Session } from '../session.js';
import { Subscription } from '../subscription.js';
import type { SubscribeOptions } from '../types.js';
import type { DeliveryRecord } from './delivery-record.js';
import type { StoredDelivery } from './stored-delivery.js';

/** A delivery of which only the store has known. @throws Error when its record has a filter that is none */
export function restoredDelivery(
  session: Session,
  record: DeliveryRecord,
  stored: StoredDelivery,
  message: Message | undefined,
): QueuedDelivery {
  const { qos, retain, priority } = record;
  const rank = stored.number < session.rankedFrom ? FIRST_OF_ALL : priority;
  return new QueuedDelivery(message, subscriptionOf(session, record), qos, retain, rank, stored);
}

/** The subscription that a delivery came by; one like it where the client has ended or changed it meanwhile. */
function subscriptionOf(session: Session, { filter, subscriptionIds, qos }: DeliveryRecord): Subscription {
  const present = session.subscriptions.get(filter);
  if (present !== undefined && same(present.subscriptionIds, subscriptionIds)) return present;
  const like = restoredSubscription(session, filter, { qos });
  return subscriptionIds === undefined ? like : Object.assign(like, { subscriptionIds });
}

function same(some: readonly number[] = [], others: readonly number[] = []): boolean {
  return some.length === others.length && some.every((id, i) => id === others[i]);
}

/** @param filter as the client asked for it. @throws Error when it is none */
export function restoredSubscription(
  session: Session,
  filter: string,
  options: SubscribeOptions,
): Subscription {
  const parsed = parseSubscription(filter);
  if (typeof parsed === 'string') throw new Error(parsed);
  const { mountpoint } = session.client;
  const route = mountpoint + parsed.filter;
  return new Subscription(session, filter, route, parsed.group, mountpoint.length, options);
}
