import { checkedText, type Message, topicFilterError } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { durable } from '../durable.js';
import { type ApiContext, type Endpoint, endpoint } from '../endpoint.js';
import { pageStream, pagingOf, pagingShape } from '../paging.js';
import { ApiError } from '../result-codes.js';
import { Slice } from '../turns.js';

/** All but what the hub says of itself, below `$SYS`, which a wildcard in front does not match. */
const EVERYTHING = '#';

const filter = checkedText(topicFilterError)
  .default(EVERYTHING)
  .describe('a filter that their topics match; # when it is not given, without topics that begin with $');

const listQuery = z.object({ ...pagingShape, topic: filter });
const cleanQuery = z.object({ topic: filter });
const topicParams = z.object({ topic: z.string() });

function retainedRow({
  topic,
  qos,
  timestamp,
  expiresAt,
  payload,
  from,
}: Message): z.output<typeof answers.retainedRow> {
  return {
    topic,
    qos,
    from_clientid: from?.clientId ?? 'undefined',
    publish_at: Math.floor(timestamp / 1000),
    expires_at: expiresAt === Number.POSITIVE_INFINITY ? 'infinity' : Math.floor(expiresAt / 1000),
    payload_size: payload.length,
  };
}

function retainedOf({ hub }: ApiContext, topic: string): Message {
  const message = hub.engine.retained.get(topic);
  if (message === undefined) throw new ApiError('not_found', 'the topic has no retained message');
  return message;
}

/** Deletes as many as there were at the beginning, in turns with everything else. */
async function clean({ hub: { engine }, turns }: ApiContext, wanted: string): Promise<number> {
  const slice = new Slice(turns);
  let deleted = 0;
  for (const message of engine.retained.match(wanted)) {
    await slice.over();
    slice.charge(1);
    if (message !== undefined && engine.retained.delete(message.topic)) deleted++;
  }
  await durable(engine.store);
  return deleted;
}

/** The last message of each topic that was to be kept: `retained` of the API. */
export const retainedEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/retained',
    name: 'list_retained',
    descr: 'List retained messages',
    data: z.array(answers.retainedRow),
    query: listQuery,
    handle(context, { query }) {
      const { engine } = context.hub;
      const source = { items: engine.retained.match(query.topic), row: retainedRow, total: undefined };
      return pageStream(source, pagingOf(query, context.config.max_row_limit), context);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/retained/:topic',
    name: 'lookup_retained',
    descr: 'Show the retained message of a topic, its payload as Base64',
    failures: ['not_found'],
    data: answers.retainedMessage,
    params: topicParams,
    handle(context, { params }) {
      const message = retainedOf(context, params.topic);
      return { data: { ...retainedRow(message), payload: message.payload.toString('base64') } };
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/retained/:topic',
    name: 'delete_retained',
    descr: 'Delete the retained message of a topic',
    failures: ['not_found'],
    params: topicParams,
    async handle(context, { params }) {
      const { engine } = context.hub;
      engine.retained.delete(retainedOf(context, params.topic).topic);
      await durable(engine.store);
      return {};
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/retained',
    name: 'clean_retained',
    descr: 'Delete retained messages',
    data: z.strictObject({ deleted: z.int() }),
    query: cleanQuery,
    handle: async (context, { query }) => ({ data: { deleted: await clean(context, query.topic) } }),
  }),
];
