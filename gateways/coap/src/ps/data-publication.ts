import { type Response, refused } from '@portico/coap-endpoint';
import type { Publication, PublishResult } from '@portico/core';
import type { CoapClient } from '../client.js';
import { formatProperties } from '../representation.js';
import type { PsTopic } from './topic.js';
import type { PsTopics } from './topics.js';

const NOTHING = Buffer.alloc(0);

/**
 * A publication of data to a topic: retained, so that it can be read.
 * @param payload may be borrowed
 */
export function dataPublication(
  { properties }: PsTopic,
  payload: Buffer,
  qos: 0 | 1,
  contentFormat: number | undefined,
): Publication {
  const { topicName: topic } = properties;
  return { topic, payload, qos, retain: true, properties: formatProperties(contentFormat) };
}

/** Deletes the data of a topic; its observers are told. @returns why it cannot */
export async function clearData(
  topics: PsTopics,
  topic: PsTopic,
  client: CoapClient,
): Promise<Response | undefined> {
  const result = await client.publish(dataPublication(topic, NOTHING, 1, undefined));
  if (!isTaken(result)) return refused(result);
  topics.setPublished(topic, false);
  topic.dismissAll();
  return undefined;
}

/** What became of a publication. */
type Result = PublishResult | 'server_unavailable';
type Taken = 'ok' | 'no_subscribers' | 'duplicate';

/** Whether the hub has it now. */
export function isTaken(result: Result): result is Taken {
  return result === 'ok' || result === 'no_subscribers' || result === 'duplicate';
}
