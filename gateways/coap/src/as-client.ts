import { type CoapRequest, failure, keepRequest, type Response, refusedLogin } from '@portico/coap-endpoint';
import { ResponseCode } from '@portico/codec-coap';
import { formatAddress, isPromise, type MaybePromise, provenPeer } from '@portico/core';
import type { CoapChannel, CoapHandler } from './channel.js';
import { CoapClient } from './client.js';
import type { ClientRegistry, Found, NoClient } from './clients.js';
import { type Login, loginOf } from './uri.js';

/** Carries out a request for the client that it comes from. */
export type Action = (
  client: CoapClient,
  request: CoapRequest,
  channel: CoapChannel,
) => MaybePromise<Response>;

/** Finds a client by its login, or makes it one. */
export type Entry = (login: Login, channel: CoapChannel) => MaybePromise<Found>;

const NO_CLIENT_ID = failure(ResponseCode.BadRequest, 'the query lacks c={client id}');

const NO_CLIENT: Readonly<Record<NoClient, Response>> = {
  wrong_token: failure(ResponseCode.Unauthorized, 'no connection of this client has this token'),
  no_connection: failure(ResponseCode.Unauthorized, 'a connection is required: POST /mqtt/connection'),
};

/** What a client must say of itself. */
export interface SenderRules {
  /** Whether it must have a client id; else its address stands for one. */
  readonly named: boolean;
}

/** Finds the client that a request comes from, or answers why there is none. */
export function asClient(
  clients: ClientRegistry,
  act: Action,
  rules: SenderRules = { named: true },
): CoapHandler {
  return entering((login, channel) => clients.find(login, channel), act, rules);
}

/** As {@link asClient}, by a way of its own. */
export function entering(enter: Entry, act: Action, { named }: SenderRules = { named: true }): CoapHandler {
  return (request, channel) => {
    const login = loginOf(request.queries, channel.info, named ? undefined : addressName(channel));
    if (login === undefined) return NO_CLIENT_ID;
    const found = enter(login, channel);
    if (!isPromise(found)) return actAs(found, act, request, channel);
    const kept = keepRequest(request);
    return found.then((settled) => actAs(settled, act, kept, channel));
  };
}

function actAs(
  found: Found,
  act: Action,
  request: CoapRequest,
  channel: CoapChannel,
): MaybePromise<Response> {
  if (!(found instanceof CoapClient)) return refusedEntry(found);
  found.seen(channel);
  channel.serves(found.login);
  return act(found, request, channel);
}

function refusedEntry(reason: Exclude<Found, CoapClient>): Response {
  return reason === 'wrong_token' || reason === 'no_connection' ? NO_CLIENT[reason] : refusedLogin(reason);
}

/** The client id of whoever speaks without naming itself: whose key it has shown, or else its address. */
function addressName({ info }: CoapChannel): string {
  return `coap:${provenPeer(info) ?? formatAddress(info.peer)}`;
}
