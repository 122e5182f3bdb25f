import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WireEvent } from '@portico/core';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Admission } from './admission.js';
import { type ApiContext, checked } from './endpoint.js';
import { ApiError } from './result-codes.js';

/** Where it is: `/api/v4/trace/wire?gateway=jt808`. */
const WIRE_PATH = '/api/v4/trace/wire';

/** Bytes that may wait for one watcher; frames that come meanwhile are dropped and counted. */
const MAX_WAITING = 1 << 20;
/** Of what a watcher sends, who has nothing to say. */
const MAX_RECEIVED = 1024;

const wireQuery = z.object({
  gateway: z.string().min(1).optional(),
  clientid: z.string().min(1).optional(),
  peer: z.union([z.ipv4(), z.ipv6()], 'an IP address').optional(),
});

type WireQuery = z.output<typeof wireQuery>;

/**
 * Streams frames to operators: a WebSocket (RFC 6455) each of whose messages is a {@link WireEvent} in JSON, or
 * `{"dropped": n}`, which says how many could not be sent before it.
 */
export function addWireStream(server: FastifyInstance, context: ApiContext, admission: Admission): void {
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: MAX_RECEIVED });
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A watcher that goes away before it is let in is no fault.
    socket.on('error', () => socket.destroy());
    admit(request, context, admission).then(
      (query) => webSockets.handleUpgrade(request, socket, head, (ws) => watch(ws, query, context)),
      (error: unknown) => refuse(socket, error, context),
    );
  });
  server.addHook('preClose', async () => {
    for (const webSocket of webSockets.clients) webSocket.terminate();
  });
}

/** @throws ApiError (it rejects) when the request is not let in, or wrong */
async function admit(
  request: IncomingMessage,
  context: ApiContext,
  admission: Admission,
): Promise<WireQuery> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const ip = request.socket.remoteAddress ?? '';
  const app = await admission.admit({ headers: request.headers, ip });
  if (!context.hub.running) throw new ApiError('unavailable', 'the hub is starting or stopping');
  if (pathname !== WIRE_PATH) throw new ApiError('not_found', 'there is no such path');
  const query = checked(wireQuery, Object.fromEntries(searchParams));
  if (query.gateway !== undefined && !context.hub.gateways.has(query.gateway)) {
    throw new ApiError('not_found', `there is no gateway ${query.gateway}`);
  }
  context.log.info({ app, peer: ip, action: 'watch_wire', ...query }, 'management request');
  return query;
}

function watch(
  webSocket: WebSocket,
  { gateway, clientid: clientId, peer: host }: WireQuery,
  context: ApiContext,
) {
  let dropped = 0;
  const end = context.hub.wire.watch({ gateway, clientId, host }, (event: WireEvent) => {
    if (webSocket.bufferedAmount > MAX_WAITING) {
      dropped++;
      return;
    }
    if (dropped > 0) webSocket.send(JSON.stringify({ dropped }));
    dropped = 0;
    webSocket.send(JSON.stringify(event));
  });
  if (end === undefined) webSocket.close(1013, 'too many watch already');
  else webSocket.on('close', end);
  webSocket.on('error', () => webSocket.terminate());
}

function refuse(socket: Duplex, error: unknown, context: ApiContext): void {
  if (!(error instanceof ApiError)) context.log.error({ err: error }, 'management request failed');
  const { status, code, message } =
    error instanceof ApiError ? error : new ApiError('unknown', 'something went wrong; the log says what');
  const body = JSON.stringify({ code, message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...(status === 401 ? ['WWW-Authenticate: Basic realm="Portico"'] : []),
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
