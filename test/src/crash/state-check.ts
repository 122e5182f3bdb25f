import type { QoS } from '@portico/codec-mqtt';
import type { Finding } from './delivery-check.js';
import type { Lane } from './lane.js';

/** What is subscribed to a filter. */
export type Subscribed = QoS | 'none';

/** What a filter may stand for: the state acknowledged last, and that of a request without an answer. */
export type Expected = ReadonlyMap<string, readonly Subscribed[]>;

/** @param found filters that are subscribed to */
export function checkSubscriptions(
  client: string,
  expected: Expected,
  found: ReadonlyMap<string, Subscribed>,
): Finding[] {
  return [...expected].flatMap(([filter, allowed]) => {
    const state = found.get(filter) ?? 'none';
    if (allowed.includes(state)) return [];
    return { kind: 'subscription', text: `${client}: ${filter} is ${state}, not ${allowed.join(' or ')}` };
  });
}

/**
 * What is retained must be the last acknowledged message of its lane, or one sent after it.
 *
 * @param found the numbers of the messages by topic; undefined for what is none of them
 */
export function checkRetained(
  lanes: readonly Lane[],
  found: ReadonlyMap<string, number | undefined>,
): Finding[] {
  return lanes.flatMap((lane) => {
    const { topic, messages } = lane;
    const acknowledged = messages.findLastIndex((message) => message.acknowledged);
    const candidates = [...messages.keys()].slice(Math.max(acknowledged, 0));
    const absent = acknowledged < 0 || candidates.some((number) => lane.clears(number));
    const number = found.get(topic);
    const right =
      number === undefined
        ? absent && !found.has(topic)
        : candidates.includes(number) && !lane.clears(number);
    if (right) return [];
    const state = found.has(topic) ? `is ${number ?? 'damaged'}` : 'is gone';
    const sent = `${acknowledged} was acknowledged last, ${messages.length - 1} sent`;
    return { kind: 'retained', text: `${topic} ${state}: ${sent}` };
  });
}
