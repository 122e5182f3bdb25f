import type { SessionView } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, endpoint, everywhere, type ManagedHub } from '../endpoint.js';
import { pageStream, pagingOf, pagingShape } from '../paging.js';
import { ApiError } from '../result-codes.js';
import { clientRow } from './client-row.js';
import {
  allOf,
  boolean,
  bothOf,
  type Condition,
  conditionsOn,
  integer,
  type Test,
  text,
} from './conditions.js';

const when = conditionsOn<SessionView>();

/** Times of the reference are in seconds since 1970. */
const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** How a row shows what a client does not have. */
const NONE = 'undefined';

const CONDITIONS = {
  clientid: when(text, 'the client id', ({ client }, value) => client.clientId === value),
  username: when(text, 'the user name', ({ client }, value) => (client.username ?? NONE) === value),
  zone: when(text, 'the zone', ({ client }, value) => (client.zone ?? NONE) === value),
  ip_address: when(text, 'the address, without port', ({ status }, value) => status.peer.host === value),
  conn_state: when(
    z.enum(['connected', 'idle', 'disconnected']),
    'connected, or disconnected; nothing is idle here: connections without a client are not shown',
    ({ connected }, value) => value === (connected ? 'connected' : 'disconnected'),
  ),
  clean_start: when(
    boolean,
    'whether it began a new session',
    ({ client }, value) => client.cleanStart === value,
  ),
  proto_name: when(
    text,
    'the protocol: MQTT, CoAP, MQTT-SN …',
    ({ client }, value) => client.protocol === value,
  ),
  proto_ver: when(integer, 'its version', ({ client }, value) => client.protocolVersion === value),
  _like_clientid: when(text, 'part of the client id', ({ client }, value) => client.clientId.includes(value)),
  _like_username: when(
    text,
    'part of the user name',
    ({ client }, value) => client.username?.includes(value) ?? false,
  ),
  _gte_created_at: when(
    integer,
    'session made then or later',
    ({ createdAt }, value) => seconds(createdAt) >= value,
  ),
  _lte_created_at: when(
    integer,
    'session made then or earlier',
    ({ createdAt }, value) => seconds(createdAt) <= value,
  ),
  _gte_connected_at: when(
    integer,
    'connected then or later',
    ({ client }, value) => seconds(client.connectedAt) >= value,
  ),
  _lte_connected_at: when(
    integer,
    'connected then or earlier',
    ({ client }, value) => seconds(client.connectedAt) <= value,
  ),
  _gte_mqueue_len: when(
    integer,
    'so many messages wait, or more',
    ({ statistics }, value) => statistics.mqueueLength >= value,
  ),
  _lte_mqueue_len: when(
    integer,
    'so many messages wait, or fewer',
    ({ statistics }, value) => statistics.mqueueLength <= value,
  ),
  _gte_mqueue_dropped: when(
    integer,
    'so many messages dropped, or more',
    ({ statistics }, value) => statistics.mqueueDropped >= value,
  ),
  _lte_mqueue_dropped: when(
    integer,
    'so many messages dropped, or fewer',
    ({ statistics }, value) => statistics.mqueueDropped <= value,
  ),
} as const satisfies Record<string, Condition<SessionView>>;

/** What a keep alive may be. */
const SECONDS = 'a whole number of seconds from 0 to 65535';

const gatewayQuery = z.object({
  ...pagingShape,
  ...CONDITIONS,
  state: text
    .optional()
    .describe(
      'the state: connected, disconnected, or what the protocol of a gateway has: asleep, registered …',
    ),
});
const listQuery = gatewayQuery.extend({
  gateway: text.optional().describe('the gateway: mqtt, coap, mqttsn …'),
});
const gatewayParams = z.object({ gateway: z.string().describe('name of a gateway: mqtt, coap …') });
const clientParams = z.object({ clientid: z.string() });
const userParams = z.object({ username: z.string() });
const userQuery = z.object(pagingShape);

function isOf(gateway: string): Test<SessionView> {
  return ({ client }) => client.gateway === gateway;
}

function sessionsOf({ hub }: ApiContext): ReadonlyMap<string, SessionView> {
  return hub.engine.sessions;
}

/** Why there are no clients of a gateway: it is not there, and a name that is written wrong must not look as if nobody were. */
function noGateway({ hub }: ApiContext, wanted: string): string | undefined {
  if (hub.gateways.has(wanted)) return undefined;
  return `there is no gateway "${wanted}"; there are ${[...hub.gateways.keys()].join(', ')}`;
}

/** @throws ApiError when no client of a gateway that there is can be in that state */
function isInState({ hub }: ApiContext, wanted: string): Test<SessionView> {
  const ofGateways = [...hub.gateways.values()].flatMap(({ definition }) => definition.states ?? []);
  const states = new Set(['connected', 'disconnected', ...ofGateways]);
  if (!states.has(wanted)) throw new ApiError('parameter_invalid', `state: one of ${[...states].join(', ')}`);
  return ({ status }) => status.state === wanted;
}

/** @throws ApiError when there is no such gateway */
function listAnyClients(context: ApiContext, query: z.output<typeof listQuery>) {
  const wrong = query.gateway === undefined ? undefined : noGateway(context, query.gateway);
  if (wrong !== undefined) throw new ApiError('parameter_invalid', `gateway: ${wrong}`);
  return listClients(context, query, query.gateway);
}

/** @throws ApiError when there is no such gateway */
function listClientsOfGateway(context: ApiContext, gateway: string, query: z.output<typeof gatewayQuery>) {
  const wrong = noGateway(context, gateway);
  if (wrong !== undefined) throw new ApiError('not_found', wrong);
  return listClients(context, query, gateway);
}

/** @param gateway whose clients are listed; all by default */
function listClients(context: ApiContext, query: z.output<typeof gatewayQuery>, gateway: string | undefined) {
  const sessions = sessionsOf(context);
  const ofGateway = gateway === undefined ? undefined : isOf(gateway);
  const inState = query.state === undefined ? undefined : isInState(context, query.state);
  const matches = bothOf(bothOf(ofGateway, inState), allOf(CONDITIONS, query));
  return pageStream(
    {
      items: sessions.values(),
      matches,
      row: (session) => clientRow(session, context.node),
      total: matches === undefined ? sessions.size : undefined,
    },
    pagingOf(query, context.config.max_row_limit),
    context,
  );
}

function lookupClient(context: ApiContext, clientId: string) {
  const session = sessionsOf(context).get(clientId);
  return { data: session === undefined ? [] : [clientRow(session, context.node)] };
}

function listUser(context: ApiContext, username: string, query: z.output<typeof userQuery>) {
  const sessions = sessionsOf(context);
  return pageStream(
    {
      items: sessions.values(),
      matches: ({ client }) => client.username === username,
      row: (session) => clientRow(session, context.node),
      total: undefined,
    },
    pagingOf(query, context.config.max_row_limit),
    context,
  );
}

/** What is connected, or has a session: `clients` of the API. */
export const clientEndpoints: readonly Endpoint[] = [
  ...everywhere({
    path: '/clients',
    name: 'list_clients',
    descr: 'List clients, connected or with a session',
    data: z.array(answers.clientRow),
    query: listQuery,
    handle: (context, { query }) => listAnyClients(context, query),
  }),
  ...everywhere({
    path: '/gateways/:gateway/clients',
    name: 'list_gateway_clients',
    descr: 'List the clients of a gateway, connected or with a session',
    failures: ['not_found'],
    data: z.array(answers.clientRow),
    params: gatewayParams,
    query: gatewayQuery,
    handle: (context, { params, query }) => listClientsOfGateway(context, params.gateway, query),
  }),
  ...everywhere({
    path: '/clients/:clientid',
    name: 'lookup_client',
    descr: 'Look up a client by its id',
    data: z.array(answers.clientRow),
    params: clientParams,
    handle: (context, { params }) => lookupClient(context, params.clientid),
  }),
  ...everywhere({
    path: '/clients/username/:username',
    name: 'lookup_client_via_username',
    descr: 'List the clients of a user',
    data: z.array(answers.clientRow),
    params: userParams,
    query: userQuery,
    handle: (context, { params, query }) => listUser(context, params.username, query),
  }),
  endpoint({
    method: 'DELETE',
    path: '/clients/:clientid',
    name: 'kickout_client',
    descr: 'End the connection and the session of a client',
    failures: ['client_not_online'],
    params: clientParams,
    handle({ hub }, { params }) {
      if (hub.engine.kick(params.clientid)) return {};
      throw new ApiError('client_not_online', `there is no client "${params.clientid}"`);
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/clients/:clientid/keepalive',
    name: 'set_keepalive',
    descr: 'Change how long a connected client may be silent',
    failures: ['parameter_missing', 'client_not_online'],
    params: clientParams,
    query: z.object({
      interval: z
        .string()
        .regex(/^\d{1,5}$/, SECONDS)
        .transform(Number)
        .optional(),
    }),
    body: z.strictObject({ interval: z.int().optional() }).optional(),
    handle: ({ hub }, { params, query, body }) =>
      setKeepalive(hub, params.clientid, query.interval ?? body?.interval),
  }),
];

function setKeepalive({ engine }: ManagedHub, clientId: string, seconds: number | undefined) {
  if (seconds === undefined) throw new ApiError('parameter_missing', 'interval: is missing');
  if (seconds < 0 || seconds > 65535) throw new ApiError('parameter_invalid', `interval: ${SECONDS}`);
  const result = engine.setKeepalive(clientId, seconds);
  if (result === 'ok') return {};
  if (result === 'not_connected')
    throw new ApiError('client_not_online', `there is no client "${clientId}" connected`);
  throw new ApiError('parameter_invalid', 'clientid: its protocol has no keep alive for each client');
}
