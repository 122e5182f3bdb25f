import {
  CHANGED,
  type CoapRequest,
  DEREGISTER,
  failure,
  isContinuation,
  isSuccess,
  REGISTER,
  type Response,
  refused,
  response,
  withOption,
} from '@portico/coap-endpoint';
import { type CoapOption, Method, OptionNumber, ResponseCode, uintOption } from '@portico/codec-coap';
import { type Clock, isPromise, isTaken, type MaybePromise, type Message } from '@portico/core';
import type { CoapChannel } from '../channel.js';
import type { CoapClient } from '../client.js';
import { ifPreconditionsHold } from '../preconditions.js';
import { maxAge, represent } from '../representation.js';
import type { TopicTransfers } from '../topic-transfers.js';
import { DELETED, FORBIDDEN, mayChange } from './access.js';
import { clearData, dataPublication } from './data-publication.js';
import type { PsTopic } from './topic.js';
import type { TopicAction } from './topic-action.js';
import type { PsTopics } from './topics.js';

const FIRST: Response = { ...response(ResponseCode.Created), durable: true };
const NO_DATA = failure(ResponseCode.NotFound, 'nothing has been published');
const NO_BYTES = failure(ResponseCode.BadRequest, 'data has at least one byte: DELETE deletes it');
const NOT_ACCEPTABLE = failure(ResponseCode.NotAcceptable, 'the topic has another topic-content-format');
const UNSUPPORTED = failure(
  ResponseCode.UnsupportedContentFormat,
  'the topic has another topic-content-format',
);

/** A request about the data of a topic. */
interface Asked {
  readonly topic: PsTopic;
  readonly client: CoapClient;
  readonly request: CoapRequest;
  readonly channel: CoapChannel;
  readonly transfers: TopicTransfers;
  readonly clock: Clock;
}

/** What a topic-data resource answers, draft-ietf-core-coap-pubsub-21 §3.2 and §3.3, by method. */
export function dataActions(
  topics: PsTopics,
  transfers: TopicTransfers,
  clock: Clock,
): ReadonlyMap<number, TopicAction> {
  return new Map<number, TopicAction>([
    [Method.PUT, (topic, client, request) => publishIf(topics, topic, client, request)],
    [
      Method.GET,
      (topic, client, request, channel) => get({ topic, client, request, channel, transfers, clock }),
    ],
    [Method.DELETE, (topic, client) => remove(topics, topic, client)],
  ]);
}

/** §3.2.1, with the preconditions of RFC 7252 §5.10.8 */
function publishIf(
  topics: PsTopics,
  topic: PsTopic,
  client: CoapClient,
  request: CoapRequest,
): MaybePromise<Response> {
  const { topicName } = topic.properties;
  return ifPreconditionsHold(client, topicName, request, (kept) => publish(topics, topic, client, kept));
}

function publish(
  topics: PsTopics,
  topic: PsTopic,
  client: CoapClient,
  { contentFormat, payload, confirmable }: CoapRequest,
): MaybePromise<Response> {
  const { contentFormat: expected = contentFormat } = topic.properties;
  if (contentFormat !== expected) return UNSUPPORTED;
  if (payload.length === 0) return NO_BYTES;
  const result = client.publish(dataPublication(topic, payload, confirmable ? 1 : 0, contentFormat));
  if (!isPromise(result)) return published(topics, topic, result);
  return result.then((settled) => published(topics, topic, settled));
}

function published(
  topics: PsTopics,
  topic: PsTopic,
  result: Awaited<ReturnType<CoapClient['publish']>>,
): Response {
  if (!isTaken(result)) return refused(result);
  const answer = topic.published ? CHANGED : FIRST;
  topics.setPublished(topic, true);
  return answer;
}

/** §3.2.2, §3.2.3 and §3.3: the data there is, and what follows for whoever wants to be told. */
async function get(asked: Asked): Promise<Response> {
  const { topic, client, request, channel, transfers } = asked;
  const { topicName } = topic.properties;
  const { observe, token } = request;
  const known = transfers.continued(client, topicName, request, channel);
  if (known !== undefined) return known;
  if (observe === DEREGISTER) client.unobserve(topicName, token, channel);
  const current = await read(asked);
  const subscribes = observe === REGISTER && !isContinuation(request) && isSuccess(current.code);
  return subscribes ? subscribe(asked, current) : begun(asked, current);
}

/** The data that there is at present. */
async function read({ topic, client, request, clock }: Asked): Promise<Response> {
  const found = await client.retained(topic.properties.topicName);
  if (!found.ok) return refused(found.refusal);
  return found.message === undefined ? NO_DATA : data(topic, found.message, request, clock.now());
}

function begun({ topic, client, request, channel, transfers }: Asked, content: Response): Response {
  return transfers.begun(content, client, topic.properties.topicName, request, channel);
}

/** @param now milliseconds since 1970 */
function data(
  { properties }: PsTopic,
  message: Message,
  { accept, etags }: CoapRequest,
  now: number,
): Response {
  const { contentFormat } = properties;
  if (contentFormat === undefined) return aged(represent(message, accept, etags), message, now);
  if (accept !== undefined && accept !== contentFormat) return NOT_ACCEPTABLE;
  const answer = represent(message, undefined, etags);
  return aged(relabelled(answer, contentFormat), message, now);
}

/** With the content format that the topic says its data has. */
function relabelled(answer: Response, contentFormat: number): Response {
  const label = uintOption(OptionNumber.ContentFormat, contentFormat);
  return { ...answer, options: answer.options.map((option) => (isFormat(option) ? label : option)) };
}

function isFormat({ number }: CoapOption): boolean {
  return number === OptionNumber.ContentFormat;
}

/** What notifications are labelled with: as the answer, which says nothing to whoever has the data already. */
function labelOf({ topic, request }: Asked, current: Response): number | 'published' {
  const format = current.options.find(isFormat)?.uint;
  return format ?? request.accept ?? topic.properties.contentFormat ?? 'published';
}

/** With Max-Age where the message expires. */
function aged(answer: Response, message: Message, now: number): Response {
  const age = maxAge(message, now);
  return age === undefined ? answer : withOption(answer, age);
}

/** @param current what there is at present, which goes with the answer */
async function subscribe(asked: Asked, current: Response): Promise<Response> {
  const { topic, client, request, channel, transfers } = asked;
  const { token, confirmable } = request;
  const interest = {
    filter: topic.properties.topicName,
    qos: confirmable ? 1 : 0,
    contentFormat: labelOf(asked, current),
    blockSize: transfers.blockSize(request),
    retained: false,
    resource: topic,
  } as const;
  if (topic.full && !client.observes(interest, token, channel)) return begun(asked, current);
  const answer = await client.observe(interest, token, channel);
  if (!isSuccess(answer.code)) return answer;
  // What was published while access control was asked is no notification.
  const latest = await read(asked);
  const shown = begun(asked, isSuccess(latest.code) ? latest : current);
  const options = [...answer.options, ...shown.options].sort((a, b) => a.number - b.number);
  return { ...shown, options };
}

/** §3.2.4 */
async function remove(topics: PsTopics, topic: PsTopic, client: CoapClient): Promise<Response> {
  if (!(await mayChange(client, topic))) return FORBIDDEN;
  if (!topic.published) return NO_DATA;
  return (await clearData(topics, topic, client)) ?? DELETED;
}
