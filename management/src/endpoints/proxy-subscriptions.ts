import type { QoS, SubscribeRefusal } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { durable } from '../durable.js';
import { type ApiContext, checked, type Endpoint, endpoint } from '../endpoint.js';
import { ApiError } from '../result-codes.js';
import { batch, batchOf } from './batch.js';
import { subscriptionError, topicListShape, topicsOf } from './topic-list.js';

const qos = z.union([z.literal(0), z.literal(1), z.literal(2)], '0, 1 or 2');
const clientid = z.string().describe('the client, which has to be connected');

const subscriptionSchema = z.strictObject({
  ...topicListShape,
  clientid,
  qos: qos.default(0).describe('the QoS'),
});

const unsubscriptionSchema = z.strictObject({
  topic: z.string().describe('the topic filter'),
  clientid,
  qos: qos.optional().describe('may be there, as it is to subscribe, and means nothing'),
});

/** Why a client may not be subscribed, for whoever asked. */
const REFUSALS: Readonly<Record<SubscribeRefusal, string>> = {
  not_authorized: 'the client may not subscribe to it',
  topic_filter_invalid: 'it has too many levels for the client',
  shared_subscriptions_not_supported: 'the client may have no shared subscriptions',
  wildcard_subscriptions_not_supported: 'the client may have no subscriptions with wildcards',
  quota_exceeded: 'the client has as many subscriptions as it may have',
  storage_failed: 'the store cannot keep it',
  unspecified: 'the client is not connected any more, or a hook has left it out',
};

/** The connection of a client. @throws ApiError when it has none, or takes only what it has asked for itself */
function connectionOf({ hub }: ApiContext, clientId: string) {
  const attachment = hub.engine.sessions.get(clientId)?.attachment;
  if (attachment === undefined)
    throw new ApiError('client_not_online', `there is no client "${clientId}" connected`);
  if (attachment.handler.takesAnyTopic !== true)
    throw new ApiError('parameter_invalid', 'clientid: its protocol subscribes by its own rules alone');
  return attachment;
}

/** @returns warnings */
async function subscribe(
  context: ApiContext,
  request: z.output<typeof subscriptionSchema>,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const filters = topicsOf(request, subscriptionError);
  const connection = connectionOf(context, request.clientid);
  for (const filter of filters) {
    const result = await connection.subscribe(filter, { qos: request.qos as QoS });
    if (!result.ok) throw refusalError(filter, result.refusal);
    if (result.qos < request.qos) warnings.push(`${filter}: subscribed with QoS ${result.qos}`);
  }
  await durable(context.hub.engine.store);
  return warnings;
}

function refusalError(filter: string, refusal: SubscribeRefusal): ApiError {
  const failure = refusal === 'storage_failed' ? 'unavailable' : 'parameter_invalid';
  return new ApiError(failure, `${filter}: ${REFUSALS[refusal]}`);
}

async function unsubscribe(
  context: ApiContext,
  { topic, clientid }: z.output<typeof unsubscriptionSchema>,
): Promise<void> {
  const [filter = ''] = topicsOf({ topic }, subscriptionError);
  await connectionOf(context, clientid).unsubscribe(filter);
  await durable(context.hub.engine.store);
}

/** Subscribing clients that do not know how, or are not to know of it: `mqtt` of the API. */
export const proxySubscriptionEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'POST',
    path: '/mqtt/subscribe',
    name: 'mqtt_subscribe',
    descr: 'Subscribe a connected client, as if it had asked for it',
    failures: ['topic_invalid', 'client_not_online'],
    body: subscriptionSchema,
    audit: ['clientid', 'topic', 'topics', 'qos'],
    warns: true,
    handle: async (context, { body }) => ({ warnings: await subscribe(context, body) }),
  }),
  endpoint({
    method: 'POST',
    path: '/mqtt/subscribe_batch',
    name: 'mqtt_subscribe_batch',
    descr: 'Subscribe several connected clients, each for itself',
    data: answers.batchResults,
    body: batchOf(subscriptionSchema),
    handle: (context, { body }) =>
      batch(context, body, async (item) => {
        const request = checked(subscriptionSchema, item);
        return { topic: request.topic ?? request.topics, warnings: await subscribe(context, request) };
      }),
  }),
  endpoint({
    method: 'POST',
    path: '/mqtt/unsubscribe',
    name: 'mqtt_unsubscribe',
    descr: 'Unsubscribe a connected client',
    failures: ['topic_invalid', 'client_not_online'],
    body: unsubscriptionSchema,
    audit: ['clientid', 'topic'],
    async handle(context, { body }) {
      await unsubscribe(context, body);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: '/mqtt/unsubscribe_batch',
    name: 'mqtt_unsubscribe_batch',
    descr: 'Unsubscribe several connected clients, each for itself',
    data: answers.batchResults,
    body: batchOf(unsubscriptionSchema),
    handle: (context, { body }) =>
      batch(context, body, async (item) => {
        const request = checked(unsubscriptionSchema, item);
        await unsubscribe(context, request);
        return { topic: request.topic };
      }),
  }),
];
