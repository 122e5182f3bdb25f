import { readFile } from 'node:fs/promises';
import { PorticoError } from '../runtime/errors.js';
import { fileReason } from '../runtime/file-reason.js';
import type { AclAction, AclRule, AclWho } from './acl-rules.js';
import { type AclTopic, aclTopicError } from './acl-topics.js';
import { ErlangSyntaxError, type ErlangTerm, parseErlangTerms } from './erlang-terms.js';
import { ipRangeError } from './ip-range.js';

/**
 * Reads a file of access rules in the syntax of `acl.conf`, see {@link parseAclFile}.
 *
 * @throws PorticoError `PORTICO_ERR_ACL_FILE`
 */
export async function readAclFile(path: string): Promise<AclRule[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new PorticoError('PORTICO_ERR_ACL_FILE', `${path} (access.acl_file): ${fileReason(cause)}`, {
      cause,
    });
  }
  return parseAclFile(text, path);
}

/**
 * Reads access rules in the syntax of `acl.conf`, Erlang tuples each ended by a dot:
 *
 * ```erlang
 * %% permission, who, action, topics
 * {allow, {user, "dashboard"}, subscribe, ["$SYS/#"]}.
 * {deny, all, subscribe, ["$SYS/#", {eq, "#"}]}.
 * {allow, all}.
 * ```
 *
 * Who is `all`, `{user, Name}`, `{username, Name}`, `{client, Id}`, `{clientid, Id}` (`all` in place of name
 * or id for any), `{ipaddr, Range}`, `{ipaddrs, [Range, …]}`, `{'and', [Who, …]}` or `{'or', [Who, …]}`; the
 * action `publish`, `subscribe` or `pubsub`. Regular expressions (`{re, …}`) are not supported. `%c`, `%u`
 * and `%a` in topics are placeholders, but not within `eq`.
 *
 * @param file its name, for errors
 * @throws PorticoError `PORTICO_ERR_ACL_FILE` with file and line
 */
export function parseAclFile(text: string, file: string): AclRule[] {
  try {
    return parseErlangTerms(text).map(ruleOf);
  } catch (error) {
    if (!(error instanceof ErlangSyntaxError)) throw error;
    throw new PorticoError('PORTICO_ERR_ACL_FILE', `${file}:${error.line}: ${error.message}`, {
      cause: error,
    });
  }
}

function ruleOf(term: ErlangTerm): AclRule {
  const [permitTerm, whoTerm, actionTerm, topicsTerm, ...rest] = itemsOf(term, 'tuple', RULE);
  if (permitTerm === undefined || whoTerm === undefined || rest.length > 0) throw wrong(term, RULE);
  const permit = oneOf(permitTerm, PERMITS);
  if (actionTerm === undefined && isAtom(whoTerm, 'all')) return { permit, who: 'all', action: 'pubsub' };
  if (actionTerm === undefined || topicsTerm === undefined) throw wrong(term, RULE);
  const topics = itemsOf(topicsTerm, 'list', TOPICS).map(topicOf);
  if (topics.length === 0) throw wrong(topicsTerm, TOPICS);
  return { permit, who: whoOf(whoTerm), action: oneOf(actionTerm, ACTIONS), topics };
}

const RULE = 'a rule, {allow, all} or {allow, Who, pubsub, ["topic"]}';
const TOPICS = 'a list of topics, ["topic", {eq, "topic"}]';
const TOPIC = 'a topic, "topic" or {eq, "topic"}';
const PERMITS = ['allow', 'deny'] as const;
const ACTIONS: readonly AclAction[] = ['publish', 'subscribe', 'pubsub'];

/** What stands behind the first atom of a `{name, value}` that says who. */
const CONDITIONS: Readonly<Record<string, (value: ErlangTerm) => AclWho>> = {
  user: (value) => (isAtom(value, 'all') ? 'all' : { username: textOf(value) }),
  username: (value) => (isAtom(value, 'all') ? 'all' : { username: textOf(value) }),
  client: (value) => (isAtom(value, 'all') ? 'all' : { clientid: textOf(value) }),
  clientid: (value) => (isAtom(value, 'all') ? 'all' : { clientid: textOf(value) }),
  ipaddr: (value) => ({ ipaddr: rangeOf(value) }),
  ipaddrs: (value) => ({ ipaddrs: itemsOf(value, 'list', 'a list of addresses').map(rangeOf) }),
  and: (value) => ({ and: itemsOf(value, 'list', 'a list of conditions').map(whoOf) }),
  or: (value) => ({ or: itemsOf(value, 'list', 'a list of conditions').map(whoOf) }),
};

const WHO = `all or a tuple of ${Object.keys(CONDITIONS).join(', ')} and its value`;

function whoOf(term: ErlangTerm): AclWho {
  if (isAtom(term, 'all')) return 'all';
  const [name, value, ...rest] = itemsOf(term, 'tuple', WHO);
  if (name?.kind !== 'atom' || value === undefined || rest.length > 0) throw wrong(term, WHO);
  if (!Object.hasOwn(CONDITIONS, name.text)) throw wrong(name, WHO);
  return (CONDITIONS[name.text] as (value: ErlangTerm) => AclWho)(value);
}

function topicOf(term: ErlangTerm): AclTopic {
  if (term.kind === 'string') return checked(term, aclTopicError);
  const [name, value, ...rest] = itemsOf(term, 'tuple', TOPIC);
  if (name === undefined || !isAtom(name, 'eq') || value === undefined || rest.length > 0) {
    throw wrong(term, TOPIC);
  }
  return { eq: textOf(value) };
}

function rangeOf(term: ErlangTerm): string {
  return checked(term, ipRangeError);
}

function checked(term: ErlangTerm, errorOf: (text: string) => string | undefined): string {
  const text = textOf(term);
  const error = errorOf(text);
  if (error !== undefined) throw new ErlangSyntaxError(term.line, error);
  return text;
}

function textOf(term: ErlangTerm): string {
  if (term.kind !== 'string') throw wrong(term, 'a string');
  return term.text;
}

function oneOf<Name extends string>(term: ErlangTerm, names: readonly Name[]): Name {
  const found = names.find((name) => isAtom(term, name));
  if (found === undefined) throw wrong(term, names.join(' or '));
  return found;
}

function itemsOf(term: ErlangTerm, kind: 'tuple' | 'list', wanted: string): readonly ErlangTerm[] {
  if (term.kind !== kind) throw wrong(term, wanted);
  return term.items;
}

function isAtom(term: ErlangTerm, text: string): boolean {
  return term.kind === 'atom' && term.text === text;
}

function wrong(term: ErlangTerm, wanted: string): ErlangSyntaxError {
  const found = 'text' in term ? `"${term.text}"` : `a ${term.kind}`;
  return new ErlangSyntaxError(term.line, `${found} stands where there should be ${wanted}`);
}
