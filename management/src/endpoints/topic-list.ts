import { parseSubscription, topicFilterError } from '@portico/core';
import { z } from 'zod';
import { ApiError } from '../result-codes.js';

/** Topics of one request at most. */
const MOST_TOPICS = 1000;

/** How requests name topics: one, or several with commas between them. */
export const topicListShape = {
  topic: z.string().optional().describe('the topic; this or topics is needed'),
  topics: z.string().optional().describe('several topics, with commas between them'),
};

interface TopicList {
  readonly topic?: string | undefined;
  readonly topics?: string | undefined;
}

/** What is wrong with a filter, with or without `$share/<group>/`; undefined when nothing is. */
export function subscriptionError(filter: string): string | undefined {
  const parsed = parseSubscription(filter);
  return typeof parsed === 'string' ? parsed : topicFilterError(parsed.filter);
}

/**
 * The topics that a request names.
 * @param errorOf what is wrong with a topic; undefined when nothing is
 * @throws ApiError when there are none, too many, or one that is wrong
 */
export function topicsOf(
  { topic, topics }: TopicList,
  errorOf: (topic: string) => string | undefined,
): readonly string[] {
  const named = [...(topic === undefined ? [] : [topic]), ...(topics?.split(',') ?? [])];
  if (named.length > MOST_TOPICS) throw new ApiError('parameter_invalid', `topics: at most ${MOST_TOPICS}`);
  if (named.length === 0) throw new ApiError('parameter_missing', 'topic: is missing, and topics too');
  for (const name of named) {
    const error = errorOf(name);
    if (error !== undefined) throw new ApiError('topic_invalid', `topic "${name}": ${error}`);
  }
  return named;
}
