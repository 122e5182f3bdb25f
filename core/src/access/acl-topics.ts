import type { ClientInfo } from '../engine/client-info.js';
import { CLIENT_LETTERS, fillTopic, placeholderError } from '../topics/placeholders.js';
import { topicFilterError } from '../topics/topic.js';

/**
 * A topic filter, in which `%c`, `%u` and `%a` stand for the client's id, username and address (`%%` for a
 * percent sign); or, with `eq`, one topic or filter letter by letter.
 */
export type AclTopic = string | { readonly eq: string };

/** Why the text of a rule's topic is wrong, or undefined when it is right. */
export function aclTopicError(filter: string): string | undefined {
  return topicFilterError(filter) ?? placeholderError(filter, CLIENT_LETTERS);
}

/** What a client asks for, taken apart once for all rules. */
export interface RequestedTopic {
  /** A topic name to publish to, or a topic filter to subscribe to. */
  readonly text: string;
  readonly levels: readonly string[];
}

/** Says whether a rule's topic fits what a client asks for. */
export type TopicTest = (client: ClientInfo, requested: RequestedTopic) => boolean;

type LevelsTest = (requested: readonly string[], filter: readonly string[]) => boolean;

/** Makes the test for a topic of a rule that denies, or of one that allows. See `AclRules` for the difference. */
export function topicTest(topic: AclTopic, permit: 'allow' | 'deny'): TopicTest {
  if (typeof topic !== 'string') return (_client, { text }) => text === topic.eq;
  const fits = permit === 'allow' ? covers : matches;
  if (topic.includes('%')) return templateTest(topic, permit === 'allow' ? fillForAllow : fillForDeny, fits);
  const filter = topic.split('/');
  return (_client, { levels }) => fits(levels, filter);
}

function templateTest(
  template: string,
  fill: (template: string, client: ClientInfo) => string | undefined,
  fits: LevelsTest,
): TopicTest {
  return (client, { levels }) => {
    const filter = fill(template, client);
    return filter !== undefined && fits(levels, filter.split('/'));
  };
}

/**
 * What the client shows may not make a permission wider: a client id with `/`, `+` or `#` in it gets nothing
 * out of a `%c` rule.
 */
function fillForAllow(template: string, client: ClientInfo): string | undefined {
  const filled = fillTopic(template, valuesOf(client));
  return 'topic' in filled ? filled.topic : undefined;
}

/** Takes any value: if it makes the prohibition wider, then only for the client that shows it. */
function fillForDeny(template: string, client: ClientInfo): string | undefined {
  const values: Readonly<Record<string, string | undefined>> = { ...valuesOf(client), '%': '%' };
  let missing = false;
  const filled = template.replace(/%(.)/gs, (_placeholder, letter: string) => {
    const value = values[letter];
    if (value === undefined || value === '') missing = true;
    return value ?? '';
  });
  return missing ? undefined : filled;
}

function valuesOf(client: ClientInfo): Readonly<Record<string, string | undefined>> {
  return { c: client.clientId, u: client.username, a: client.peer.host };
}

/**
 * Whether the filter matches what is requested, taken as if it were a topic name: its wildcards are levels
 * like any other. `$` has no special meaning, so `#` matches everything.
 */
function matches(requested: readonly string[], filter: readonly string[]): boolean {
  for (let i = 0; i < filter.length; i++) {
    const level = filter[i];
    if (level === '#') return true;
    if (i >= requested.length || (level !== '+' && level !== requested[i])) return false;
  }
  return requested.length === filter.length;
}

/** As {@link matches}, and the filter matches all that is requested: a `#` only by a `#` at least as early. */
function covers(requested: readonly string[], filter: readonly string[]): boolean {
  if (!matches(requested, filter)) return false;
  if (requested.at(-1) !== '#') return true;
  return filter.at(-1) === '#' && filter.length <= requested.length;
}
