import { z } from 'zod';
import * as answers from '../answers.js';
import { type Endpoint, endpoint } from '../endpoint.js';
import { pageStream, pagingOf, pagingShape } from '../paging.js';

/** To which filters messages go: `routes` of the API. */
export const routeEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/routes',
    name: 'list_routes',
    descr: 'List the topic filters that somebody is subscribed with',
    data: z.array(answers.routeRow),
    query: z.object(pagingShape),
    handle(context, { query }) {
      const { hub, node, config } = context;
      const { index } = hub.engine;
      const row = (topic: string): z.output<typeof answers.routeRow> => ({ topic, node });
      const source = { items: index.routes(), row, total: index.filters };
      return pageStream(source, pagingOf(query, config.max_row_limit), context);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/routes/:topic',
    name: 'lookup_routes',
    descr: 'Show on which nodes somebody is subscribed with a topic filter',
    data: z.array(answers.routeRow),
    params: z.object({ topic: z.string() }),
    handle: ({ hub, node }, { params: { topic } }) => ({
      data: hub.engine.index.has(topic) ? [{ topic, node }] : [],
    }),
  }),
];
