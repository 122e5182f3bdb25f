import type { GatewayList, ListedRows } from '@portico/core';
import { z } from 'zod';
import { type ApiContext, type Endpoint, everywhere, type ManagedGateway } from '../endpoint.js';
import { pageStream, pagingOf, pagingShape } from '../paging.js';
import { ApiError } from '../result-codes.js';

const query = z.object(pagingShape);
const params = z.object({ clientid: z.string().optional() });

/** The lists that gateways offer of what only they know of their clients. */
export function gatewayListEndpoints(gateways: Iterable<ManagedGateway>): Endpoint[] {
  return [...gateways].flatMap((gateway) =>
    (gateway.definition.lists ?? []).flatMap((list) =>
      everywhere({
        ...list,
        failures: list.path.includes(':clientid') ? ['client_not_online'] : [],
        params,
        query,
        data: z.array(z.record(z.string(), z.unknown())),
        handle: (context, { params: { clientid }, query }) =>
          show(context, rowsOf(gateway, list, clientid), pagingOf(query, context.config.max_row_limit)),
      }),
    ),
  );
}

/** Of each zone of the gateway; a client is in one of them. */
function rowsOf({ instances }: ManagedGateway, { name }: GatewayList, clientId: string | undefined) {
  const found = instances
    .map(({ lists }) => lists?.[name]?.(clientId ?? ''))
    .filter((rows) => rows !== undefined);
  if (clientId === undefined || found.length > 0) return found;
  throw new ApiError('client_not_online', `there is no client "${clientId}"`);
}

function show(context: ApiContext, found: readonly ListedRows[], paging: ReturnType<typeof pagingOf>) {
  const total = found.reduce((sum, { size }) => sum + size, 0);
  return pageStream({ items: allRows(found), row: (row) => row, total }, paging, context);
}

function* allRows(found: readonly ListedRows[]): Generator<object> {
  for (const { rows } of found) yield* rows;
}
