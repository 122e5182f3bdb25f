import { createHash, randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  CONTENT,
  type CoapRequest,
  failure,
  isContinuation,
  payloadTag,
  type Response,
  refused,
} from '@portico/coap-endpoint';
import {
  ContentFormat,
  Method,
  OptionNumber,
  ResponseCode,
  stringOption,
  uintOption,
} from '@portico/codec-coap';
import { type Clock, isTaken, topicNameError } from '@portico/core';
import type { Action } from '../as-client.js';
import type { CoapClient } from '../client.js';
import type { TopicTransfers } from '../topic-transfers.js';
import { bodyKey } from '../topic-transfers.js';
import { FORBIDDEN, mayRead, representation } from './access.js';
import { dataPublication } from './data-publication.js';
import { acceptFault, formatFault } from './formats.js';
import { dataPath, type PsTopic, topicPath } from './topic.js';
import {
  expiryFault,
  fitsFilter,
  type PropertyFault,
  readProperties,
  type TopicProperties,
} from './topic-properties.js';
import type { PsTopics, TopicLimits } from './topics.js';

/** Resource types, draft-ietf-core-coap-pubsub-21 §6.3. */
const ResourceType = {
  Collection: 'core.ps.coll',
  Topic: 'core.ps.conf',
  Data: 'core.ps.data',
} as const;

/** Bytes of the id of a topic; it is sent as 8 characters of base64url. */
const ID_SIZE = 6;

/** After so many topics looked at for a list everybody else has a turn. */
const TOPICS_A_TURN = 100;

const LINK_FORMAT = uintOption(OptionNumber.ContentFormat, ContentFormat.LinkFormat);
const IN_USE = failure(ResponseCode.BadRequest, 'there is a topic of this name already');
const TOO_MANY = failure(ResponseCode.Forbidden, 'too many topics');

/** What the collection of topics answers, §2.4, by method. */
export function collectionActions(
  topics: PsTopics,
  transfers: TopicTransfers,
  limits: TopicLimits,
  clock: Clock,
): ReadonlyMap<number, Action> {
  return new Map<number, Action>([
    [Method.GET, listing(transfers, (client, request) => list(topics, client, request))],
    [Method.FETCH, listing(transfers, (client, request) => search(topics, client, request))],
    [Method.POST, creating(topics, limits, clock)],
  ]);
}

/** A list of links, made once for all the blocks that it is fetched in. */
function listing(transfers: TopicTransfers, make: Action): Action {
  return async (client, request, channel) => {
    const name = listName(request);
    const key = bodyKey(client.login.clientId, name);
    const known = isContinuation(request) ? transfers.bodies.fetch(channel, key, request) : undefined;
    return known ?? transfers.begun(await make(client, request, channel), client, name, request, channel);
  };
}

/** Tells a list from others, and from all topics: they have no NUL. */
function listName({ method, queries, payload }: CoapRequest): string {
  const wanted = createHash('sha256').update(JSON.stringify(queries)).update(payload).digest('base64url');
  return `\0${method} ${wanted}`;
}

/** §2.4.1 and §2.3.4: links to the topics, or to their data. */
async function list(topics: PsTopics, client: CoapClient, request: CoapRequest): Promise<Response> {
  const fault = acceptFault(request, ContentFormat.LinkFormat);
  if (fault !== undefined) return fault;
  const wanted = request.queries.find((query) => query.startsWith('rt='))?.slice('rt='.length);
  if (wanted === undefined || wanted === ResourceType.Topic) {
    return links(await readable(topics, client), topicPath);
  }
  return links(wanted === ResourceType.Data ? await readable(topics, client) : [], dataPath);
}

/** §2.4.2: links to the topics that have certain properties. */
async function search(topics: PsTopics, client: CoapClient, request: CoapRequest): Promise<Response> {
  const fault =
    formatFault(request, ContentFormat.PubsubCbor) ?? acceptFault(request, ContentFormat.LinkFormat);
  if (fault !== undefined) return fault;
  const filter = readProperties(request.payload);
  if ('fault' in filter) return failure(ResponseCode.BadRequest, filter.fault);
  const fits = ({ properties }: PsTopic) => fitsFilter(properties, filter);
  return links(await readable(topics, client, fits), topicPath);
}

async function readable(
  topics: PsTopics,
  client: CoapClient,
  fits: (topic: PsTopic) => boolean = () => true,
): Promise<PsTopic[]> {
  const found: PsTopic[] = [];
  let looked = 0;
  for (const topic of topics.under(client.mountpoint)) {
    if (++looked % TOPICS_A_TURN === 0) await nextTurn();
    if (fits(topic) && (await mayRead(client, topic))) found.push(topic);
  }
  return found;
}

function links(topics: readonly PsTopic[], path: (id: string) => string): Response {
  const payload = Buffer.from(topics.map(({ id }) => `<${path(id)}>`).join(','));
  return { ...CONTENT, options: [payloadTag(payload), LINK_FORMAT], payload };
}

/** §2.4.3 */
function creating(topics: PsTopics, limits: TopicLimits, clock: Clock): Action {
  return async (client, request) => {
    const properties = newTopic(request, clock.now());
    if ('kind' in properties) return properties;
    if (!(await client.permits('publish', properties.topicName))) return FORBIDDEN;
    const { mountpoint, login } = client;
    if (topics.named(mountpoint, properties.topicName) !== undefined) return IN_USE;
    if (!topics.admits(login.clientId, limits)) return TOO_MANY;
    const id = randomBytes(ID_SIZE).toString('base64url');
    const topic = topics.add({
      id,
      owner: login.clientId,
      mountpoint,
      properties: { ...properties, topicData: dataPath(id) },
      published: false,
    });
    const refusal = await initialize(topics, topic, client);
    if (refusal === undefined) return created(topic);
    topics.delete(topic);
    return refusal;
  };
}

/** The properties of a new topic, but for where its data is. */
type NewTopic = Omit<TopicProperties, 'topicData'>;

/** @param now milliseconds since 1970 */
function newTopic(request: CoapRequest, now: number): NewTopic | Response {
  const fault =
    formatFault(request, ContentFormat.PubsubCbor) ?? acceptFault(request, ContentFormat.PubsubCbor);
  if (fault !== undefined) return fault;
  const wanted = readProperties(request.payload);
  const properties = 'fault' in wanted ? wanted : complete(wanted, now);
  return 'fault' in properties ? failure(ResponseCode.BadRequest, properties.fault) : properties;
}

function complete(wanted: Partial<TopicProperties>, now: number): NewTopic | PropertyFault {
  const { topicName, resourceType, topicData, initialize: first, contentFormat } = wanted;
  if (topicName === undefined || resourceType === undefined) {
    return { fault: 'topic-name and resource-type are required' };
  }
  const fault = topicNameError(topicName) ?? expiryFault(wanted, now);
  if (fault !== undefined) return { fault };
  if (resourceType !== ResourceType.Data) return { fault: `resource-type is ${ResourceType.Data}` };
  if (topicData !== undefined) return { fault: 'topic-data is chosen here' };
  if (first !== undefined && (contentFormat === undefined || first.length === 0)) {
    return { fault: 'initialize needs topic-content-format, and bytes' };
  }
  return { ...wanted, topicName, resourceType };
}

/** Publishes the initial data, if there is any. @returns why it cannot be */
async function initialize(
  topics: PsTopics,
  topic: PsTopic,
  client: CoapClient,
): Promise<Response | undefined> {
  const { initialize: first, contentFormat } = topic.properties;
  if (first === undefined) return undefined;
  const result = await client.publish(dataPublication(topic, first, 1, contentFormat));
  if (!isTaken(result)) return refused(result);
  topics.setPublished(topic, true);
  return undefined;
}

function created(topic: PsTopic): Response {
  const location = ['ps', topic.id].map((segment) => stringOption(OptionNumber.LocationPath, segment));
  return representation(ResponseCode.Created, topic, undefined, location);
}
