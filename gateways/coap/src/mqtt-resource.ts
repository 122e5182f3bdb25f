import { ContentFormat, Method, ResponseCode } from '@portico/codec-coap';
import { isPromise, type MaybePromise, type PublishResult } from '@portico/core';
import { acknowledgingBlock } from './blocks.js';
import type { CoapChannel } from './channel.js';
import type { CoapClient } from './client.js';
import type { ClientRegistry } from './clients.js';
import type { CoapConfig } from './config.js';
import type { CoapRequest } from './request.js';
import { byMethod, type Handler } from './resource.js';
import { CHANGED, CONTENT, failure, type Response, refused } from './response.js';
import { asClient } from './sender.js';
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
export function mqttResource(clients: ClientRegistry, config: CoapConfig): Handler {
  return byMethod({
    [Method.PUT]: aboutTopic(asClient(clients, (client, request) => publish(client, request, config))),
    [Method.GET]: aboutTopic(asClient(clients, get)),
  });
}

/** Refuses requests without a topic. */
function aboutTopic(handler: Handler): Handler {
  return (request, channel) => (request.path.length < 2 ? NO_TOPIC : handler(request, channel));
}

function publish(client: CoapClient, request: CoapRequest, config: CoapConfig): MaybePromise<Response> {
  const result = client.publish(topicOf(request.path), request.payload);
  if (!isPromise(result)) return published(result, client, request.block1, config);
  const { block1 } = request;
  return result.then((settled) => published(settled, client, block1, config));
}

function published(
  result: PublishResult | 'server_unavailable',
  client: CoapClient,
  block1: number | undefined,
  config: CoapConfig,
): Response {
  switch (result) {
    case 'ok':
    case 'no_subscribers':
    case 'duplicate':
      return acknowledgingBlock(CHANGED, block1);
    case 'not_authorized':
      if (config.denied_publish === 'reject' || !client.connected) return refused(result);
      return acknowledgingBlock(CHANGED, block1);
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
