import { failure, type Response, response } from '@portico/coap-endpoint';
import { type CoapOption, ContentFormat, OptionNumber, ResponseCode, uintOption } from '@portico/codec-coap';
import type { CoapClient } from '../client.js';
import type { PsTopic } from './topic.js';
import { writeProperties } from './topic-properties.js';

/** Access control lets the client do less with the topic than it asks for. */
export const FORBIDDEN = failure(ResponseCode.Forbidden, 'not authorized');
/** There is no such topic, or the client does not see it. */
export const NO_TOPIC = failure(ResponseCode.NotFound, 'no such topic');

/** A topic, or its data, has been deleted. */
export const DELETED: Response = { ...response(ResponseCode.Deleted), durable: true };

const PUBSUB_CBOR: CoapOption = uintOption(OptionNumber.ContentFormat, ContentFormat.PubsubCbor);

/** Whether the client sees a topic at all: those of its mountpoint. */
export function sees(client: CoapClient, topic: PsTopic): boolean {
  return topic.mountpoint === client.mountpoint;
}

/** Whether the client may know how a topic is: who may publish to it or subscribe to it. */
export async function mayRead(client: CoapClient, { properties }: PsTopic): Promise<boolean> {
  const { topicName } = properties;
  return (await client.permits('subscribe', topicName)) || (await client.permits('publish', topicName));
}

/** Whether the client may change or delete a topic: who may publish to it. */
export async function mayChange(client: CoapClient, { properties }: PsTopic): Promise<boolean> {
  return client.permits('publish', properties.topicName);
}

/** A response with the representation of a topic, or a part of it. @param options that go before Content-Format */
export function representation(
  code: number,
  { properties }: PsTopic,
  keys?: Parameters<typeof writeProperties>[1],
  options: readonly CoapOption[] = [],
): Response {
  return {
    ...response(code),
    options: [...options, PUBSUB_CBOR],
    payload: writeProperties(properties, keys),
    durable: code !== ResponseCode.Content,
  };
}
