import { type CoapRequest, failure, type Response } from '@portico/coap-endpoint';
import { ContentFormat, Method, ResponseCode } from '@portico/codec-coap';
import type { Clock } from '@portico/core';
import type { CoapClient } from '../client.js';
import { DELETED, FORBIDDEN, mayChange, mayRead, representation } from './access.js';
import { clearData } from './data-publication.js';
import { acceptFault, formatFault } from './formats.js';
import { DEFAULT_OBSERVER_CHECK, type PsTopic } from './topic.js';
import type { TopicAction } from './topic-action.js';
import {
  expiryFault,
  immutableChanged,
  readKeys,
  readProperties,
  type TopicProperties,
} from './topic-properties.js';
import type { PsTopics } from './topics.js';

const NO_KEYS = failure(ResponseCode.BadRequest, 'the payload is no array of keys in CBOR');

/** What a change makes of the properties that a topic has. */
type Change = (before: TopicProperties, wanted: Partial<TopicProperties>) => TopicProperties;

/** What a topic resource answers, draft-ietf-core-coap-pubsub-21 §2.5, by method. */
export function topicActions(topics: PsTopics, clock: Clock): ReadonlyMap<number, TopicAction> {
  return new Map<number, TopicAction>([
    [Method.GET, read],
    [Method.FETCH, readPart],
    [Method.POST, changing(topics, clock, replaced)],
    [Method.iPATCH, changing(topics, clock, (before, wanted) => ({ ...before, ...wanted }))],
    [Method.DELETE, (topic, client) => remove(topics, topic, client)],
  ]);
}

/** §2.5.1 */
async function read(topic: PsTopic, client: CoapClient, request: CoapRequest): Promise<Response> {
  const fault = acceptFault(request, ContentFormat.PubsubCbor);
  if (fault !== undefined) return fault;
  return (await mayRead(client, topic)) ? representation(ResponseCode.Content, topic) : FORBIDDEN;
}

/** §2.5.2 */
async function readPart(topic: PsTopic, client: CoapClient, request: CoapRequest): Promise<Response> {
  const fault = formatFault(request, ContentFormat.Cbor) ?? acceptFault(request, ContentFormat.PubsubCbor);
  if (fault !== undefined) return fault;
  const keys = readKeys(request.payload);
  if (keys === undefined) return NO_KEYS;
  return (await mayRead(client, topic)) ? representation(ResponseCode.Content, topic, keys) : FORBIDDEN;
}

/** §2.5.3: what the client does not tell goes back to its default. */
function replaced(before: TopicProperties, wanted: Partial<TopicProperties>): TopicProperties {
  const { topicName, topicData, resourceType } = before;
  return { observerCheck: DEFAULT_OBSERVER_CHECK, ...wanted, topicName, topicData, resourceType };
}

/** §2.5.3 and §2.5.4 */
function changing(topics: PsTopics, clock: Clock, change: Change): TopicAction {
  return async (topic, client, request) => {
    const fault =
      formatFault(request, ContentFormat.PubsubCbor) ?? acceptFault(request, ContentFormat.PubsubCbor);
    if (fault !== undefined) return fault;
    const wanted = readProperties(request.payload);
    if ('fault' in wanted) return failure(ResponseCode.BadRequest, wanted.fault);
    const refusal = changeFault(topic, wanted, clock);
    if (refusal !== undefined) return failure(ResponseCode.BadRequest, refusal);
    if (!(await mayChange(client, topic))) return FORBIDDEN;
    topics.configure(topic, change(topic.properties, wanted));
    return representation(ResponseCode.Changed, topic);
  };
}

function changeFault(
  { properties }: PsTopic,
  wanted: Partial<TopicProperties>,
  clock: Clock,
): string | undefined {
  const immutable = immutableChanged(properties, wanted);
  return immutable === undefined ? expiryFault(wanted, clock.now()) : `${immutable} cannot be changed`;
}

/** §2.5.5 */
async function remove(topics: PsTopics, topic: PsTopic, client: CoapClient): Promise<Response> {
  if (!(await mayChange(client, topic))) return FORBIDDEN;
  const refusal = await clearData(topics, topic, client);
  if (refusal !== undefined) return refusal;
  topics.delete(topic);
  return DELETED;
}
