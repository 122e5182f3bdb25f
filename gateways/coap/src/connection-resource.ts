import { randomBytes } from 'node:crypto';
import { byMethod, type CoapRequest, response } from '@portico/coap-endpoint';
import { Method, ResponseCode } from '@portico/codec-coap';
import { asClient, entering } from './as-client.js';
import type { CoapHandler } from './channel.js';
import type { ClientRegistry } from './clients.js';
import { argument } from './uri.js';

/** Bytes of a token; it is sent as 11 characters of base64url. */
const TOKEN_SIZE = 8;

const CREATED = response(ResponseCode.Created);
const ALIVE = response(ResponseCode.Changed);
const CLOSED = response(ResponseCode.Deleted);

/**
 * `/mqtt/connection`, the connections of EMQX 5: POST with the credentials opens one and answers with its token, with
 * which PUT keeps it alive and DELETE closes it. Anything else is left to `/mqtt/{topic}`.
 */
export function withConnections(clients: ClientRegistry, mqtt: CoapHandler): CoapHandler {
  const connection = byMethod({
    [Method.POST]: open(clients),
    [Method.PUT]: asClient(clients, () => ALIVE),
    [Method.DELETE]: asClient(clients, (client) => {
      client.close('normal');
      return CLOSED;
    }),
  });
  return (request, channel) => (isAboutConnection(request) ? connection : mqtt)(request, channel);
}

/** `connection` may be a topic, too: whoever has no token means that. */
function isAboutConnection({ method, path, queries }: CoapRequest): boolean {
  if (path.length !== 2 || path[1] !== 'connection') return false;
  if (method === Method.POST) return true;
  return method !== Method.GET && argument(queries, 'token') !== undefined;
}

function open(clients: ClientRegistry): CoapHandler {
  return (request, channel) => {
    const token = randomBytes(TOKEN_SIZE).toString('base64url');
    const answer = { ...CREATED, payload: Buffer.from(token) };
    return entering(
      (login, from) => clients.open({ ...login, token }, from),
      () => answer,
    )(request, channel);
  };
}
