import type { SharedGroup } from '../topics/subscription-index.js';
import type { Message } from './message.js';
import type { Session } from './session.js';
import type { Subscription } from './subscription.js';

/** How a member of a shared subscription is chosen. */
export const SHARED_STRATEGIES = [
  'random',
  'round_robin',
  'sticky',
  'hash',
  'hash_clientid',
  'hash_topic',
  'local',
] as const;
export type SharedStrategy = (typeof SHARED_STRATEGIES)[number];

type Choose = (group: SharedGroup<Subscription>, message: Message) => number;

const random: Choose = (group) => Math.floor(Math.random() * group.members.length);

const byClientId: Choose = (group, message) => hash(message.from?.clientId ?? '') % group.members.length;

/** The index of the first choice, by strategy. `hash` is the reference's older name of `hash_clientid`. */
const CHOOSE: Readonly<Record<SharedStrategy, Choose>> = {
  random,
  /** On one node, all members are local. */
  local: random,
  hash: byClientId,
  hash_clientid: byClientId,
  hash_topic: (group, message) => hash(message.topic) % group.members.length,
  round_robin: (group) => {
    group.turn = (group.turn + 1) % group.members.length;
    return group.turn;
  },
  sticky: (group) => {
    const kept = group.sticky === undefined ? -1 : group.members.indexOf(group.sticky);
    return kept >= 0 ? kept : Math.floor(Math.random() * group.members.length);
  },
};

/**
 * Chooses who gets a message. Members whose client is connected go before those whose session only waits; a
 * chosen member that is away gives way to the next one that is there. A client that does not want its own messages
 * gets one only when there is nobody else, and drops it.
 *
 * @param except a session that has had its chance
 * @returns undefined when there is nobody else
 */
export function chooseMember(
  group: SharedGroup<Subscription>,
  message: Message,
  strategy: SharedStrategy,
  except?: Session,
): Subscription | undefined {
  const { members } = group;
  if (members.length === 0) return undefined;
  const first = CHOOSE[strategy](group, message);
  let away: Subscription | undefined;
  let unwilling: Subscription | undefined;
  for (let i = 0; i < members.length; i++) {
    const member = members[(first + i) % members.length] as Subscription;
    if (member.session === except) continue;
    if (member.session.declines(message, member)) {
      unwilling ??= member;
    } else if (member.session.reachable) {
      group.sticky = member;
      return member;
    } else {
      away ??= member;
    }
  }
  if (away !== undefined) group.sticky = away;
  return away ?? unwilling;
}

/** FNV-1a over UTF-16 units: spreads well enough and needs no allocation. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
