import { ContentFormat, Method, ResponseCode } from '@portico/codec-coap';
import { isPromise, type MaybePromise, type PublishResult } from '@portico/core';
import type { CoapChannel } from './channel.js';
import type { CoapClient } from './client.js';
import type { ClientRegistry } from './clients.js';
import type { CoapConfig } from './config.js';
import type { CoapRequest } from './request.js';
import { byMethod, type Handler } from './resource.js';
import { CHANGED, CONTENT, failure, type Response, refused } from './response.js';
import { type Action, asClient } from './sender.js';
import type { Uploads } from './uploads.js';
import { topicOf } from './uri.js';

/** Observe option of a request, RFC 7641 §2. */
const REGISTER = 0;
const DEREGISTER = 1;

/** Media types that a client may ask for: a payload is what was published, whatever that is. */
const ACCEPTABLE: readonly number[] = [ContentFormat.OctetStream, ContentFormat.TextPlain];

const NO_TOPIC = failure(ResponseCode.BadRequest, 'the path is /mqtt/{topic}');
const NOT_ACCEPTABLE = failure(ResponseCode.NotAcceptable, 'payloads are application/octet-stream');

/**
 * `/mqtt/{topic}?c={client id}&u={username}&p={password}`: PUT publishes, GET with Observe 0 subscribes and
 * with Observe 1 unsubscribes, GET alone keeps the client alive.
 */
export function mqttResource(clients: ClientRegistry, uploads: Uploads, config: CoapConfig): Handler {
  const publishWhole = (client: CoapClient, request: CoapRequest) => publish(client, request, config);
  return byMethod({
    [Method.PUT]: aboutTopic(asClient(clients, assembled(uploads, publishWhole))),
    [Method.GET]: aboutTopic(asClient(clients, get)),
  });
}

/** Refuses requests without a topic. */
function aboutTopic(handler: Handler): Handler {
  return (request, channel) => (request.path.length < 2 ? NO_TOPIC : handler(request, channel));
}

/** Has an action carried out with whole payloads only, in however many requests they come. */
function assembled(
  uploads: Uploads,
  act: (client: CoapClient, request: CoapRequest) => MaybePromise<Response>,
): Action {
  return (client, request, channel) => {
    const { block1 } = request;
    if (block1 === undefined) return act(client, request);
    return uploads.assemble(request, block1, channel, (whole) => act(client, whole));
  };
}

function publish(client: CoapClient, request: CoapRequest, config: CoapConfig): MaybePromise<Response> {
  const result = client.publish(topicOf(request.path), request.payload);
  if (!isPromise(result)) return published(result, client, config);
  return result.then((settled) => published(settled, client, config));
}

function published(
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

function get(client: CoapClient, request: CoapRequest, channel: CoapChannel): MaybePromise<Response> {
  const { observe, token, accept = ContentFormat.OctetStream } = request;
  if (!ACCEPTABLE.includes(accept)) return NOT_ACCEPTABLE;
  const filter = topicOf(request.path);
  if (observe === REGISTER) return client.observe(filter, token, accept, channel);
  if (observe === DEREGISTER) client.unobserve(filter, token, channel);
  return CONTENT;
}
