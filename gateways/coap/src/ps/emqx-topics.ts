import {
  CONTENT,
  type CoapRequest,
  DEREGISTER,
  failure,
  isContinuation,
  REGISTER,
  type Response,
} from '@portico/coap-endpoint';
import { ContentFormat, Method, ResponseCode } from '@portico/codec-coap';
import { isPromise, type MaybePromise, type Publication, type QoS } from '@portico/core';
import type { Action } from '../as-client.js';
import type { CoapChannel } from '../channel.js';
import type { CoapClient } from '../client.js';
import type { CoapConfig } from '../config.js';
import { published } from '../mqtt-resource.js';
import { ifPreconditionsHold } from '../preconditions.js';
import { readRetained } from '../reading.js';
import { formatProperties } from '../representation.js';
import type { TopicTransfers } from '../topic-transfers.js';
import { argument, topicOf } from '../uri.js';

/** Seconds: the longest message expiry, MQTT 5 §3.3.2.3.3. */
const MAX_EXPIRY = 0xffffffff;

const BAD_QOS = failure(ResponseCode.BadRequest, 'qos is 0, 1 or 2');
const BAD_EXPIRY = failure(ResponseCode.BadRequest, `expiry is 0 to ${MAX_EXPIRY} seconds`);

/** What `/ps/{topic}` answers as in EMQX 5, by method: PUT and POST publish, GET subscribes. */
export function emqxActions(transfers: TopicTransfers, config: CoapConfig): ReadonlyMap<number, Action> {
  const publishing: Action = (client, request) =>
    ifPreconditionsHold(client, topicOf(request.path), request, (kept) => publish(client, kept, config));
  return new Map<number, Action>([
    [Method.PUT, publishing],
    [Method.POST, publishing],
    [Method.GET, (client, request, channel) => get(transfers, client, request, channel)],
  ]);
}

function publish(client: CoapClient, request: CoapRequest, config: CoapConfig): MaybePromise<Response> {
  const qos = qosOf(request);
  if (qos === undefined) return BAD_QOS;
  const expiry = expiryOf(request);
  if (Number.isNaN(expiry)) return BAD_EXPIRY;
  const format = formatProperties(request.contentFormat);
  const publication: Publication = {
    topic: topicOf(request.path),
    payload: request.payload,
    qos,
    retain: ['true', '1'].includes(argument(request.queries, 'retain') ?? ''),
    properties: expiry === undefined ? format : { ...format, messageExpiryInterval: expiry },
  };
  const result = client.publish(publication);
  if (!isPromise(result)) return published(result, client, config);
  return result.then((settled) => published(settled, client, config));
}

function get(
  transfers: TopicTransfers,
  client: CoapClient,
  request: CoapRequest,
  channel: CoapChannel,
): MaybePromise<Response> {
  const { observe, token, accept } = request;
  const filter = topicOf(request.path);
  const known = transfers.continued(client, filter, request, channel);
  if (known !== undefined) return known;
  if (observe === REGISTER && !isContinuation(request)) {
    const qos = qosOf(request);
    if (qos === undefined) return BAD_QOS;
    const interest = {
      filter,
      qos: qos === 0 ? 0 : 1,
      contentFormat: accept ?? ContentFormat.OctetStream,
      blockSize: transfers.blockSize(request),
      retained: true,
      resource: undefined,
    } as const;
    return client.observe(interest, token, channel);
  }
  if (observe !== DEREGISTER) return readRetained(transfers, client, filter, request, channel);
  client.unobserve(filter, token, channel);
  return CONTENT;
}

/** The argument `qos`, else 1 for a confirmable request and 0 for another; undefined for nonsense. */
function qosOf({ queries, confirmable }: CoapRequest): QoS | undefined {
  const text = argument(queries, 'qos');
  if (text === undefined) return confirmable ? 1 : 0;
  return text === '0' || text === '1' || text === '2' ? (Number(text) as QoS) : undefined;
}

/** The argument `expiry` in seconds; NaN for nonsense. */
function expiryOf({ queries }: CoapRequest): number | undefined {
  const text = argument(queries, 'expiry');
  if (text === undefined) return undefined;
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_EXPIRY ? Number(text) : Number.NaN;
}
