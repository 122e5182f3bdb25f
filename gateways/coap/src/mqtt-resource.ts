import { ContentFormat, Method, ResponseCode } from '@portico/codec-coap';
import { isPromise, type MaybePromise, type PublishResult } from '@portico/core';
import { assembled } from './assembled.js';
import { BAD_BLOCK, isContinuation } from './blocks.js';
import type { CoapChannel } from './channel.js';
import type { CoapClient } from './client.js';
import type { ClientRegistry } from './clients.js';
import type { CoapConfig } from './config.js';
import { DEREGISTER, REGISTER } from './observation.js';
import { isConditional, preconditionsHold } from './preconditions.js';
import { formatProperties, represent } from './representation.js';
import { type CoapRequest, keepRequest } from './request.js';
import { byMethod, type Handler } from './resource.js';
import { CHANGED, CONTENT, failure, type Response, refused } from './response.js';
import { asClient } from './sender.js';
import type { Uploads } from './uploads.js';
import { topicOf } from './uri.js';

/** What there is to be read of a topic. */
type Retained = Awaited<ReturnType<CoapClient['retained']>>;

/** Media types that a client may ask for: a payload is what was published, whatever that is. */
const ACCEPTABLE: readonly number[] = [ContentFormat.OctetStream, ContentFormat.TextPlain];

const NO_TOPIC = failure(ResponseCode.BadRequest, 'the path is /mqtt/{topic}');
const NOTHING_RETAINED = failure(ResponseCode.NotFound, 'the topic has no retained message');
const PRECONDITION_FAILED = failure(
  ResponseCode.PreconditionFailed,
  'the retained message is not as demanded',
);
const NOT_ACCEPTABLE = failure(ResponseCode.NotAcceptable, 'payloads are application/octet-stream');

/**
 * `/mqtt/{topic}?c={client id}&u={username}&p={password}`: PUT publishes, GET with Observe 0 subscribes and
 * with Observe 1 unsubscribes, GET alone keeps the client alive and may read the retained message.
 */
export function mqttResource(clients: ClientRegistry, uploads: Uploads, config: CoapConfig): Handler {
  const put = (client: CoapClient, request: CoapRequest) => publishIf(client, request, config);
  return byMethod({
    [Method.PUT]: aboutTopic(asClient(clients, assembled(uploads, put))),
    [Method.GET]: aboutTopic(asClient(clients, (...asked) => get(...asked, config))),
  });
}

/** Refuses requests without a topic. */
function aboutTopic(handler: Handler): Handler {
  return (request, channel) => (request.path.length < 2 ? NO_TOPIC : handler(request, channel));
}

/** Publishes, if the preconditions hold for the retained message of the topic. */
function publishIf(client: CoapClient, request: CoapRequest, config: CoapConfig): MaybePromise<Response> {
  if (!isConditional(request)) return publish(client, request, config);
  const found = client.retained(topicOf(request.path));
  if (!isPromise(found)) return publishIfFound(found, client, request, config);
  const kept = keepRequest(request);
  return found.then((settled) => publishIfFound(settled, client, kept, config));
}

function publishIfFound(
  found: Retained,
  client: CoapClient,
  request: CoapRequest,
  config: CoapConfig,
): MaybePromise<Response> {
  if (!found.ok) return refused(found.refusal);
  return preconditionsHold(request, found.message) ? publish(client, request, config) : PRECONDITION_FAILED;
}

function publish(client: CoapClient, request: CoapRequest, config: CoapConfig): MaybePromise<Response> {
  const { path, payload, contentFormat } = request;
  const properties = formatProperties(contentFormat);
  const result = client.publish({ topic: topicOf(path), payload, qos: 0, retain: false, properties });
  if (!isPromise(result)) return published(result, client, config);
  return result.then((settled) => published(settled, client, config));
}

/** What a publication is answered, whatever became of it. */
export function published(
  result: PublishResult | 'server_unavailable',
  client: CoapClient,
  config: CoapConfig,
): Response {
  switch (result) {
    case 'ok':
    case 'no_subscribers':
    case 'duplicate':
      return CHANGED;
    case 'not_authorized':
      return config.denied_publish === 'reject' || !client.connected ? refused(result) : CHANGED;
    default:
      return refused(result);
  }
}

function get(
  client: CoapClient,
  request: CoapRequest,
  channel: CoapChannel,
  config: CoapConfig,
): MaybePromise<Response> {
  const { observe, token, accept = ContentFormat.OctetStream } = request;
  const filter = topicOf(request.path);
  const readable = config.plain_get === 'retained';
  if (readable && (observe === undefined || isContinuation(request)))
    return readRetained(client, filter, request);
  if (!ACCEPTABLE.includes(accept)) return NOT_ACCEPTABLE;
  if (isContinuation(request)) return BAD_BLOCK;
  if (observe === REGISTER) {
    const interest = { filter, qos: 1, contentFormat: accept, retained: true, resource: undefined } as const;
    return client.observe(interest, token, channel);
  }
  if (observe === DEREGISTER) client.unobserve(filter, token, channel);
  return CONTENT;
}

/** The retained message of a topic. */
export function readRetained(
  client: CoapClient,
  topic: string,
  request: CoapRequest,
): MaybePromise<Response> {
  const found = client.retained(topic);
  if (!isPromise(found)) return represented(found, request);
  const kept = keepRequest(request);
  return found.then((settled) => represented(settled, kept));
}

function represented(found: Retained, { accept, etags }: CoapRequest): Response {
  if (!found.ok) return refused(found.refusal);
  return found.message === undefined ? NOTHING_RETAINED : represent(found.message, accept, etags);
}
