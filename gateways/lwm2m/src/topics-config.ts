import { CLIENT_LETTERS, topicFilterTemplate, topicNameTemplate } from '@portico/core';
import { z } from 'zod';

/** Placeholders of mountpoint and topics: `%e` is the endpoint name. */
export const TOPIC_LETTERS = `${CLIENT_LETTERS}e`;

/** What the gateway publishes. */
const UPLINKS = ['response', 'notify', 'register', 'update'] as const;

const TAKEN_FOR_COMMANDS =
  'a device would be sent what is published there: topics.command may match no other topic';

/** The keys below `gateways.lwm2m.topics`. */
export const topicsConfig = z
  .object({
    command: topicFilterTemplate(TOPIC_LETTERS)
      .default('dn/#')
      .describe('topic filter by which a device is sent commands, as JSON'),
    response: topicNameTemplate(TOPIC_LETTERS)
      .default('up/resp')
      .describe('topic to which the answers to commands are published'),
    notify: topicNameTemplate(TOPIC_LETTERS)
      .default('up/notify')
      .describe('topic to which the values of observed resources are published'),
    register: topicNameTemplate(TOPIC_LETTERS)
      .default('up/resp')
      .describe('topic to which registrations are published'),
    update: topicNameTemplate(TOPIC_LETTERS)
      .default('up/resp')
      .describe('topic to which updates of registrations are published'),
  })
  .check(({ value, issues }) => {
    for (const uplink of UPLINKS) {
      if (!mayMatch(value.command, value[uplink])) continue;
      issues.push({ code: 'custom', path: [uplink], input: value[uplink], message: TAKEN_FOR_COMMANDS });
    }
  });

/**
 * Whether a filter may match a topic. A level with a placeholder may be any: devices choose their names, and an answer that
 * is taken for a command is answered.
 */
function mayMatch(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  const isAny = (level: string | undefined) => level === '+' || level?.includes('%');
  for (const [depth, level] of wanted.entries()) {
    if (level === '#') return true;
    const own = levels[depth];
    if (own === undefined || (level !== own && !isAny(level) && !isAny(own))) return false;
  }
  return wanted.length === levels.length;
}
