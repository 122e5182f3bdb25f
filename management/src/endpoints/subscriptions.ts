import { checkedText, type SubscriptionEntry, topicMatches, topicNameError } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, everywhere } from '../endpoint.js';
import { type Paging, pageStream, pagingOf, pagingShape, type RowSource } from '../paging.js';
import { allOf, conditionsOn, text } from './conditions.js';
import { subscriptionError } from './topic-list.js';

/** A subscription and whose it is. */
interface Held {
  readonly clientId: string;
  readonly subscription: SubscriptionEntry;
}

/** As the hub matches it: with the mountpoint, which the client does not see. */
function topicOf({ subscription: { route, group } }: Held): string {
  return group === undefined ? route : `$share/${group}/${route}`;
}

const when = conditionsOn<Held>();

const CONDITIONS = {
  clientid: when(text, 'the client id', ({ clientId }, value) => clientId === value),
  topic: when(
    checkedText(subscriptionError),
    'the topic filter, with or without $share/<group>/',
    (held, value) => held.subscription.route === value || topicOf(held) === value,
  ),
  qos: when(
    z.enum(['0', '1', '2']).transform(Number),
    'the QoS',
    ({ subscription }, value) => subscription.qos === value,
  ),
  share: when(text, 'the group', ({ subscription }, value) => subscription.group === value),
  _match_topic: when(
    checkedText(topicNameError),
    'a topic that the filter matches',
    ({ subscription }, value) => topicMatches(value, subscription.route),
  ),
};

const listQuery = z.object({ ...pagingShape, ...CONDITIONS });
const clientParams = z.object({ clientid: z.string() });
const clientQuery = z.object(pagingShape);

function* heldBy(clientId: string, subscriptions: ReadonlyMap<string, SubscriptionEntry>): Generator<Held> {
  for (const subscription of subscriptions.values()) yield { clientId, subscription };
}

/** Undefined stands for a client that was looked at. */
function* heldByAll({ hub }: ApiContext): Generator<Held | undefined> {
  for (const { client, subscriptions } of hub.engine.sessions.values()) {
    yield undefined;
    yield* heldBy(client.clientId, subscriptions);
  }
}

function answer(context: ApiContext, source: Omit<RowSource<Held>, 'row'>, paging: Paging) {
  const row = (held: Held): z.output<typeof answers.subscriptionRow> => ({
    node: context.node,
    clientid: held.clientId,
    topic: topicOf(held),
    qos: held.subscription.qos,
  });
  return pageStream({ ...source, row }, paging, context);
}

/** Who is subscribed to what: `subscriptions` of the API. */
export const subscriptionEndpoints: readonly Endpoint[] = [
  ...everywhere({
    path: '/subscriptions',
    name: 'list_subscriptions',
    descr: 'List subscriptions',
    data: z.array(answers.subscriptionRow),
    query: listQuery,
    handle(context, { query }) {
      const matches = allOf(CONDITIONS, query);
      const { value } = context.hub.engine.metrics.gauges.suboptions;
      const total = matches === undefined ? value : undefined;
      return answer(
        context,
        { items: heldByAll(context), matches, total },
        pagingOf(query, context.config.max_row_limit),
      );
    },
  }),
  ...everywhere({
    path: '/subscriptions/:clientid',
    name: 'lookup_client_subscriptions',
    descr: 'List the subscriptions of a client',
    data: z.array(answers.subscriptionRow),
    params: clientParams,
    query: clientQuery,
    handle(context, { params: { clientid }, query }) {
      const held = context.hub.engine.sessions.get(clientid)?.subscriptions ?? new Map();
      const source = { items: heldBy(clientid, held), total: held.size };
      return answer(context, source, pagingOf(query, context.config.max_row_limit));
    },
  }),
];
