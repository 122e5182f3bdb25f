import { topicNameError } from '../../topics/topic.js';

/** `$delayed/<seconds>/<topic>`: to be published to the topic when the seconds have passed. */
const PREFIX = '$delayed/';

/** Seconds that a publication may be put off, 49 days. */
const MAX_DELAY = 4_294_967;

/** What a topic with a delay asks for. */
export interface DelayedTopic {
  /** Seconds, 0 to 4,294,967. */
  readonly delay: number;
  /** Where the message is published in the end. */
  readonly topic: string;
}

/** Whether a topic is one with a delay, or meant to be. */
export function isDelayed(topic: string): boolean {
  return topic.charCodeAt(0) === 0x24 && topic.startsWith(PREFIX);
}

/**
 * Undefined when the delay is no whole number of seconds or too long, or nothing that can be published to stands behind
 * it, such as a further delay.
 */
export function parseDelayed(topic: string): DelayedTopic | undefined {
  const at = endOfDelay(topic);
  const seconds = topic.slice(PREFIX.length, at - 1);
  const target = topic.slice(at);
  if (at === 0 || !/^\d{1,10}$/.test(seconds) || Number(seconds) > MAX_DELAY) return undefined;
  if (isDelayed(target) || topicNameError(target) !== undefined) return undefined;
  return { delay: Number(seconds), topic: target };
}

/** The topic that stands behind the delay; the whole where none does. */
export function targetOf(topic: string): string {
  return topic.slice(endOfDelay(topic));
}

/** Puts a mountpoint before the topic that stands behind the delay, or before the whole where none does. */
export function mountDelayed(mountpoint: string, topic: string): string {
  const at = endOfDelay(topic);
  return topic.slice(0, at) + mountpoint + topic.slice(at);
}

/** Where the topic behind the delay begins; 0 when there is none. */
function endOfDelay(topic: string): number {
  return topic.indexOf('/', PREFIX.length) + 1;
}
