import { type Response, refused } from '@portico/coap-endpoint';
import { isTaken, type Publication } from '@portico/core';
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
