import { byMethod, CHANGED, type CoapRequest, failure, type Response, refused } from '@portico/coap-endpoint';
import { Method, ResponseCode } from '@portico/codec-coap';
import { isPromise, type MaybePromise, type PublishResult } from '@portico/core';
import { asClient } from './as-client.js';
import { assembled } from './assembled.js';
import type { CoapHandler } from './channel.js';
import type { CoapClient } from './client.js';
import type { ClientRegistry } from './clients.js';
import type { CoapConfig } from './config.js';
import { ifPreconditionsHold, isConditional } from './preconditions.js';
import { reading } from './reading.js';
import { formatProperties } from './representation.js';
import type { TopicTransfers } from './topic-transfers.js';
import { topicOf } from './uri.js';

const NO_TOPIC = failure(ResponseCode.BadRequest, 'the path is /mqtt/{topic}');

/**
 * `/mqtt/{topic}?c={client id}&u={username}&p={password}`: PUT publishes, GET with Observe 0 subscribes and
 * with Observe 1 unsubscribes, GET alone keeps the client alive and may read the retained message.
 */
export function mqttResource(
  clients: ClientRegistry,
  transfers: TopicTransfers,
  config: CoapConfig,
): CoapHandler {
  const put = (client: CoapClient, request: CoapRequest) =>
    isConditional(request) ? publishIf(client, request, config) : publish(client, request, config);
  return byMethod({
    [Method.PUT]: aboutTopic(asClient(clients, assembled(transfers.uploads, put))),
    [Method.GET]: aboutTopic(asClient(clients, reading(transfers, config.plain_get === 'retained'))),
  });
}

/** Refuses requests without a topic. */
function aboutTopic(handler: CoapHandler): CoapHandler {
  return (request, channel) => {
    const { path } = request;
    const isTopicMissing = path.length < 2 || (path.length === 2 && path[1] === '');
    return isTopicMissing ? NO_TOPIC : handler(request, channel);
  };
}

function publishIf(client: CoapClient, request: CoapRequest, config: CoapConfig): MaybePromise<Response> {
  const topic = topicOf(request.path);
  return ifPreconditionsHold(client, topic, request, (kept) => publish(client, kept, config));
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
