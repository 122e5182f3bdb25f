/**
 * Topic names and topic filters, MQTT 5 §4.7 (the same rules for every gateway).
 */

/** Longest topic or filter in UTF-8 bytes, MQTT 5 §1.5.4. */
const MAX_TOPIC_BYTES = 65535;

/**
 * Why a string is not a topic name, or undefined when it is one: at least one character, no wildcard, no NUL,
 * at most 65,535 bytes, no lone surrogate. `maxLevels` 0 means any number of levels.
 */
export function topicNameError(topic: string, maxLevels = 0): string | undefined {
  if (topic.length === 0) return 'a topic name has at least one character';
  let levels = 1;
  let ascii = true;
  for (let i = 0; i < topic.length; i++) {
    const code = topic.charCodeAt(i);
    if (code === 0x2f) levels++;
    else if (code === 0x2b || code === 0x23) return 'a topic name has no wildcard';
    else if (code === 0) return 'a topic has no NUL character';
    else if (code > 0x7f) ascii = false;
  }
  return lengthError(topic, ascii) ?? levelsError(levels, maxLevels);
}

/**
 * Why a string is not a topic filter, or undefined when it is one: `#` only as the whole last level, `+` only
 * as a whole level, otherwise as {@link topicNameError}. Takes the filter behind a `$share` prefix.
 */
export function topicFilterError(filter: string, maxLevels = 0): string | undefined {
  if (filter.length === 0) return 'a topic filter has at least one character';
  let levels = 1;
  let ascii = true;
  for (let i = 0; i < filter.length; i++) {
    const code = filter.charCodeAt(i);
    if (code === 0x2f) levels++;
    else if (code === 0x2b || code === 0x23) {
      const alone =
        (i === 0 || filter.charCodeAt(i - 1) === 0x2f) &&
        (i === filter.length - 1 || (code === 0x2b && filter.charCodeAt(i + 1) === 0x2f));
      if (!alone) return code === 0x2b ? '`+` must be a whole level' : '`#` must be the whole last level';
    } else if (code === 0) return 'a topic has no NUL character';
    else if (code > 0x7f) ascii = false;
  }
  return lengthError(filter, ascii) ?? levelsError(levels, maxLevels);
}

function lengthError(topic: string, ascii: boolean): string | undefined {
  if (topic.length * 3 > MAX_TOPIC_BYTES) {
    const bytes = ascii ? topic.length : Buffer.byteLength(topic);
    if (bytes > MAX_TOPIC_BYTES) return `a topic has at most ${MAX_TOPIC_BYTES} bytes`;
  }
  if (!ascii && !topic.isWellFormed()) return 'a topic is well-formed Unicode';
  return undefined;
}

function levelsError(levels: number, maxLevels: number): string | undefined {
  if (maxLevels > 0 && levels > maxLevels) return `a topic has at most ${maxLevels} levels`;
  return undefined;
}

/** Whether a (valid) filter contains a wildcard. */
export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

/**
 * Whether a topic name matches a filter, both valid. A filter that begins with a wildcard does not match a
 * topic that begins with `$` (MQTT 5 §4.7.2).
 */
export function topicMatches(topic: string, filter: string): boolean {
  if (topic.charCodeAt(0) === 0x24) {
    const first = filter.charCodeAt(0);
    if (first === 0x2b || first === 0x23) return false;
  }
  let t = 0;
  let f = 0;
  while (f < filter.length) {
    const code = filter.charCodeAt(f);
    if (code === 0x23) return true;
    if (code === 0x2b) {
      while (t < topic.length && topic.charCodeAt(t) !== 0x2f) t++;
      f++;
      continue;
    }
    if (t >= topic.length)
      return code === 0x2f && filter.charCodeAt(f + 1) === 0x23 && f + 2 === filter.length;
    if (topic.charCodeAt(t) !== code) return false;
    t++;
    f++;
  }
  return t === topic.length;
}

/** A subscription as asked for, its shared-subscription prefix taken apart. */
export interface ParsedFilter {
  /** Undefined for an ordinary subscription; `$queue` for the `$queue/` form. */
  readonly group: string | undefined;
  /** The filter that topics are matched against. */
  readonly filter: string;
}

/** Group of all `$queue/` subscriptions; `$share/$queue/…` is the same group. */
const QUEUE_GROUP = '$queue';

/**
 * Takes `$share/<group>/<filter>` and `$queue/<filter>` apart (MQTT 5 §4.8.2). Returns the reason as a string
 * when the prefix is there but group or filter are not.
 */
export function parseSubscription(filter: string): ParsedFilter | string {
  if (filter.startsWith('$queue/')) {
    const rest = filter.slice('$queue/'.length);
    return rest === '' ? 'a shared subscription names a topic filter' : { group: QUEUE_GROUP, filter: rest };
  }
  if (!filter.startsWith('$share/')) return { group: undefined, filter };
  const slash = filter.indexOf('/', '$share/'.length);
  if (slash < 0) return 'a shared subscription is `$share/<group>/<filter>`';
  const group = filter.slice('$share/'.length, slash);
  const rest = filter.slice(slash + 1);
  if (group === '' || group.includes('+') || group.includes('#'))
    return 'the group of a shared subscription has at least one character and no wildcard';
  if (rest === '') return 'a shared subscription names a topic filter';
  return { group, filter: rest };
}
