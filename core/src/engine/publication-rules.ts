import { topicNameError } from '../topics/topic.js';
import { sizeOf } from './message.js';
import type { MessageRefusal, WillRefusal } from './outcomes.js';
import type { SessionOptions, Will } from './types.js';

/** Levels that no topic exceeds, whatever the configuration says: matching walks one call deep per level. */
const HARD_MAX_LEVELS = 4096;

/**
 * Bytes of a will, see {@link sizeOf}: it is kept as long as its client is connected. The longest topic with the
 * longest payload fit; what goes beyond are properties.
 */
const MAX_WILL_SIZE = 131_072;

/** The number of levels that a client's topics and filters may have. */
export function maxLevels({ maxTopicLevels }: SessionOptions): number {
  return maxTopicLevels === 0 ? HARD_MAX_LEVELS : maxTopicLevels;
}

/** Why QoS or retain flag of a message are not allowed; undefined when they are. */
export function flagsRefusal(
  { qos, retain }: { readonly qos: number; readonly retain: boolean },
  options: SessionOptions,
): MessageRefusal | undefined {
  if (qos > options.maxQos) return 'qos_not_supported';
  return retain && !options.retainAvailable ? 'retain_not_supported' : undefined;
}

/** Why a client may not come in with this will; undefined when it may. */
export function willRefusal(will: Will, options: SessionOptions): WillRefusal | undefined {
  const topicWrong = topicNameError(will.topic, maxLevels(options)) !== undefined;
  if (topicWrong) return 'topic_name_invalid';
  if (sizeOf(will) > MAX_WILL_SIZE) return 'quota_exceeded';
  return flagsRefusal(will, options);
}
