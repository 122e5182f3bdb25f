import {
  BAD_BLOCK,
  CONTENT,
  type CoapRequest,
  DEREGISTER,
  failure,
  isContinuation,
  keepRequest,
  REGISTER,
  type Response,
  refused,
} from '@portico/coap-endpoint';
import { ContentFormat, ResponseCode } from '@portico/codec-coap';
import { isPromise, type MaybePromise } from '@portico/core';
import type { Action } from './as-client.js';
import type { CoapChannel } from './channel.js';
import type { CoapClient, Retained } from './client.js';
import { represent } from './representation.js';
import type { TopicTransfers } from './topic-transfers.js';
import { topicOf } from './uri.js';

/** Formats that any message may be labelled with: its payload is what was published, whatever that is. */
const ACCEPTABLE: readonly number[] = [ContentFormat.OctetStream, ContentFormat.TextPlain];

const NOTHING_RETAINED = failure(ResponseCode.NotFound, 'the topic has no retained message');
const NOT_ACCEPTABLE = failure(ResponseCode.NotAcceptable, 'payloads are application/octet-stream');

/**
 * GET of `/mqtt/{topic}`: fetches a payload in blocks, observes the topic or stops to, and is a heartbeat.
 * @param readable whether it reads what is retained when it does nothing else
 */
export function reading(transfers: TopicTransfers, readable: boolean): Action {
  return (client, request, channel) => {
    const { observe, token, accept } = request;
    const filter = topicOf(request.path);
    const known = transfers.continued(client, filter, request, channel);
    if (known !== undefined) return known;
    // What a later block is asked for of is not observed anew (RFC 7959 §3.4).
    if (readable && (observe === undefined || isContinuation(request))) {
      return readRetained(transfers, client, filter, request, channel);
    }
    if (isContinuation(request)) return BAD_BLOCK;
    if (accept !== undefined && !ACCEPTABLE.includes(accept)) return NOT_ACCEPTABLE;
    if (observe === REGISTER) return observeTopic(transfers, client, filter, request, channel);
    if (observe === DEREGISTER) client.unobserve(filter, token, channel);
    return CONTENT;
  };
}

function observeTopic(
  transfers: TopicTransfers,
  client: CoapClient,
  filter: string,
  request: CoapRequest,
  channel: CoapChannel,
): MaybePromise<Response> {
  const interest = {
    filter,
    qos: 1,
    contentFormat: request.accept ?? 'published',
    blockSize: transfers.blockSize(request),
    retained: true,
    resource: undefined,
  } as const;
  return client.observe(interest, request.token, channel);
}

/** The retained message of a topic, in blocks where it is long. */
export function readRetained(
  transfers: TopicTransfers,
  client: CoapClient,
  topic: string,
  request: CoapRequest,
  channel: CoapChannel,
): MaybePromise<Response> {
  const kept = keepRequest(request);
  const answer = (found: Retained) => transfers.begun(represented(found, kept), client, topic, kept, channel);
  const found = client.retained(topic);
  return isPromise(found) ? found.then(answer) : answer(found);
}

function represented(found: Retained, { accept, etags }: CoapRequest): Response {
  if (!found.ok) return refused(found.refusal);
  return found.message === undefined ? NOTHING_RETAINED : represent(found.message, accept, etags);
}
