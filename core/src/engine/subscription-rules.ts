import { hasWildcard, topicFilterError } from '../topics/topic.js';
import type { SubscribeRefusal } from './outcomes.js';
import { maxLevels } from './publication-rules.js';
import type { Session } from './session.js';

/**
 * Why a client may not subscribe; undefined when it may, as far as access control lets it.
 * @param asked as the client asked for it, with `$share/<group>/`
 * @param filter without
 */
export function subscriptionRefusal(
  session: Session,
  asked: string,
  filter: string,
  shared: boolean,
): SubscribeRefusal | undefined {
  const { options } = session;
  if (topicFilterError(filter, maxLevels(options)) !== undefined) {
    return 'topic_filter_invalid';
  }
  if (shared && !options.sharedSubscription) return 'shared_subscriptions_not_supported';
  if (!options.wildcardSubscription && hasWildcard(filter)) return 'wildcard_subscriptions_not_supported';
  const { maxSubscriptions } = options;
  const full = maxSubscriptions > 0 && session.subscriptions.size >= maxSubscriptions;
  return full && !session.subscriptions.has(asked) ? 'quota_exceeded' : undefined;
}
