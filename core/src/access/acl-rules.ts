import type { ClientInfo } from '../engine/client-info.js';
import { type AclTopic, type RequestedTopic, type TopicTest, topicTest } from './acl-topics.js';
import { IpRange } from './ip-range.js';
import type { AccessAction, AuthorizationAnswer, Authorizer } from './types.js';

/** Which clients a rule is about: all, or those for which all of the conditions given hold. */
export type AclWho =
  | 'all'
  | {
      readonly username?: string | undefined;
      readonly clientid?: string | undefined;
      /** Whether it was let in without any source having known it, so that its names are only what it says. */
      readonly anonymous?: boolean | undefined;
      /** An address or a range such as `10.0.0.0/8`. */
      readonly ipaddr?: string | undefined;
      /** Any of these. */
      readonly ipaddrs?: readonly string[] | undefined;
      /** All of these hold. */
      readonly and?: readonly AclWho[] | undefined;
      /** One of these holds. */
      readonly or?: readonly AclWho[] | undefined;
    };

export type AclAction = AccessAction | 'pubsub';

/** One access rule. */
export interface AclRule {
  readonly permit: 'allow' | 'deny';
  readonly who: AclWho;
  readonly action: AclAction;
  /** Undefined for all topics. */
  readonly topics?: readonly AclTopic[] | undefined;
}

/**
 * The rules when none are configured: only this machine and the user `dashboard`, once it has proved to be that
 * user, see what the hub tells of itself under `$SYS`, only this machine may publish there (MQTT 5 §4.7.2) and gets everything with one
 * subscription to `#`; the rest is open.
 */
export const DEFAULT_ACL_RULES: readonly AclRule[] = [
  {
    permit: 'allow',
    who: { username: 'dashboard', anonymous: false },
    action: 'subscribe',
    topics: ['$SYS/#'],
  },
  { permit: 'allow', who: { ipaddrs: ['127.0.0.1', '::1'] }, action: 'pubsub', topics: ['$SYS/#', '#'] },
  { permit: 'deny', who: 'all', action: 'subscribe', topics: ['$SYS/#', { eq: '#' }] },
  { permit: 'deny', who: 'all', action: 'publish', topics: ['$SYS/#'] },
  { permit: 'allow', who: 'all', action: 'pubsub' },
];

type WhoTest = (client: ClientInfo) => boolean;

interface CompiledRule {
  readonly permit: 'allow' | 'deny';
  readonly action: AclAction;
  /** Undefined for everyone. */
  readonly who: WhoTest | undefined;
  /** Undefined for all topics. */
  readonly topics: readonly TopicTest[] | undefined;
}

/**
 * A list of access rules. The first from the top that fits client, action and topic decides; where none fits,
 * the answer is `ignore`.
 *
 * **Publish**: a rule fits when one of its filters matches the topic name, or is it (`eq`). `$` has no special
 * meaning here: `#` in a rule stands for all topics, those under `$SYS` too.
 *
 * **Subscribe**: the requested filter is compared as if it were a topic name, its `+` and `#` being ordinary
 * levels: `$SYS/#` fits the requests `$SYS/#`, `$SYS/brokers` and `$SYS/+/uptime`, and `{ eq: '#' }` fits the
 * request `#` alone. This is how rules have always been read, with one difference: a rule that *allows* must
 * match everything that the requested filter matches, so `a/+` does not allow `a/#`, while it does deny it.
 *
 * `+/#` as a rule's filter is for all topics, as `#` is. As a request it gets all that `#` gets, except what is
 * under `$`, but `{ eq: '#' }` does not fit it: that needs `{ eq: '+/#' }` too.
 *
 * **Mind** that a rule which denies `private/#` does not fit the request `+/secret` or `#`, although these
 * would get messages of `private/`: a rule that denies sees only requests that lie within it. Where topics
 * must stay private, allow what each client needs and deny the rest, by `{ permit: deny, who: all }` at the
 * end or `acl_nomatch: deny`.
 *
 * **Placeholders**: a client without username fits no rule with `%u`. A client whose id or name contains
 * `/`, `+` or `#`, or would bring the topic under `$`, gets nothing from a rule that allows; one that denies
 * takes it as it is.
 *
 * `username` and `clientid` are what the client shows. Nobody has verified those of an anonymous client: a rule that
 * must not fit it says `anonymous: false` as well.
 */
export class AclRules implements Authorizer {
  readonly name: string;
  readonly #rules: readonly CompiledRule[];

  /**
   * @param rules checked: topics by `aclTopicError`, addresses by `ipRangeError`
   * @param name as operators see it
   */
  constructor(rules: readonly AclRule[], name = 'rules') {
    this.name = name;
    this.#rules = rules.map(compile);
  }

  authorize(client: ClientInfo, action: AccessAction, topic: string): AuthorizationAnswer {
    const requested: RequestedTopic = { text: topic, levels: topic.split('/') };
    for (const rule of this.#rules) {
      if (rule.action !== action && rule.action !== 'pubsub') continue;
      if (!fitsTopics(rule, client, requested)) continue;
      if (rule.who === undefined || rule.who(client)) return rule.permit;
    }
    return 'ignore';
  }
}

function fitsTopics({ topics }: CompiledRule, client: ClientInfo, requested: RequestedTopic): boolean {
  return topics === undefined || topics.some((test) => test(client, requested));
}

function compile({ permit, who, action, topics }: AclRule): CompiledRule {
  return {
    permit,
    action,
    who: who === 'all' ? undefined : whoTest(who),
    topics: topics?.map((topic) => topicTest(topic, permit)),
  };
}

function whoTest(who: AclWho): WhoTest {
  if (who === 'all') return () => true;
  const tests: WhoTest[] = [];
  const { username, clientid, anonymous, ipaddr, ipaddrs, and, or } = who;
  if (username !== undefined) tests.push((client) => client.username === username);
  if (clientid !== undefined) tests.push((client) => client.clientId === clientid);
  if (anonymous !== undefined) tests.push((client) => client.anonymous === anonymous);
  if (ipaddr !== undefined) tests.push(addressTest([ipaddr]));
  if (ipaddrs !== undefined) tests.push(addressTest(ipaddrs));
  if (and !== undefined) tests.push(...and.map(whoTest));
  if (or !== undefined) tests.push(anyOf(or.map(whoTest)));
  return allOf(tests);
}

function addressTest(texts: readonly string[]): WhoTest {
  const ranges = texts.map((text) => new IpRange(text));
  return (client) => ranges.some((range) => range.contains(client.peer.host));
}

function anyOf(tests: readonly WhoTest[]): WhoTest {
  return (client) => tests.some((test) => test(client));
}

function allOf(tests: readonly WhoTest[]): WhoTest {
  return (client) => tests.every((test) => test(client));
}
