import { Readable } from 'node:stream';
import type { LogFields } from '@portico/core';
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify';
import type { Admission } from './admission.js';
import { endpointsOf } from './api.js';
import { MOST_BODY } from './config.js';
import type { Answer, ApiContext, AuditedField, DataAnswer, Endpoint } from './endpoint.js';
import { addHealth } from './health.js';
import { addApiPages } from './openapi/pages.js';
import { addMetrics } from './prometheus/metrics-page.js';
import { ApiError } from './result-codes.js';
import { addWireStream } from './wire-stream.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Id of the application that asks; empty before it is known. */
    application: string;
  }
}

/** Milliseconds that a request may take to arrive. */
const REQUEST_TIMEOUT = 10_000;
/** Milliseconds that a connection may be silent: between requests, and while an answer is not read. */
const SILENCE = 60_000;
/** Longest parameter in a path, percent-encoded: all that Node.js lets a request line have. */
const MAX_PARAMETER = 16_384;

const JSON_TYPE = 'application/json; charset=utf-8';

/** What Fastify finds wrong with a request by itself, by status; anything else is a bug of ours. */
const FASTIFY_FAILURES = {
  400: 'parameter_invalid',
  413: 'body_too_large',
} as const;

/** Makes the HTTP server, which does not listen yet. */
export function createHttpServer(context: ApiContext, admission: Admission): FastifyInstance {
  const { listener } = context;
  const options = {
    bodyLimit: MOST_BODY,
    requestTimeout: REQUEST_TIMEOUT,
    connectionTimeout: SILENCE,
    keepAliveTimeout: SILENCE,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      answerError(context, error, request, reply),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAMETER },
  };
  const https = listener.httpsOptions;
  // Its routes are the same over TLS, but not its type.
  const server =
    https === undefined ? fastify(options) : (fastify({ ...options, https }) as unknown as FastifyInstance);
  server.decorateRequest('application', '');
  server.setErrorHandler((error: FastifyError, request, reply) =>
    answerError(context, error, request, reply),
  );
  server.setNotFoundHandler(() => {
    throw new ApiError('not_found', 'there is no such path');
  });
  takeJson(server, context);
  addHealth(server, context);
  addApiPages(server, context);
  addMetrics(server, context, admission);
  addWireStream(server, context, admission);
  server.register(async (api) => addApi(api, context, admission), { prefix: '/api/v4' });
  return server;
}

/** Bodies are JSON whatever they say of themselves: curl says that they are forms. */
function takeJson(server: FastifyInstance, context: ApiContext): void {
  server.removeAllContentTypeParsers();
  server.addHook('preParsing', async ({ headers }) => demandSize(Number(headers['content-length']), context));
  server.addContentTypeParser('*', { parseAs: 'string' }, (_, text, done) => {
    try {
      demandSize(Buffer.byteLength(text), context);
      done(null, text === '' ? undefined : JSON.parse(String(text)));
    } catch (error) {
      if (error instanceof ApiError) return done(error);
      done(new ApiError('not_json', 'the body is not JSON'));
    }
  });
}

/** @throws ApiError when a body has more bytes than the configuration of now allows */
function demandSize(bytes: number, { config }: ApiContext): void {
  if (bytes > config.max_body_size)
    throw new ApiError('body_too_large', 'the body is larger than management.max_body_size');
}

function addApi(api: FastifyInstance, context: ApiContext, admission: Admission): void {
  api.addHook('onRequest', async (request) => {
    request.application = await admission.admit(request);
    if (!context.hub.running) throw new ApiError('unavailable', 'the hub is starting or stopping');
  });
  api.setNotFoundHandler(() => {
    throw new ApiError('not_found', 'there is no such path');
  });
  const endpoints = endpointsOf(context.hub);
  refuseOtherMethods(api, endpoints);
  for (const endpoint of endpoints) {
    api.route({
      method: endpoint.method,
      url: endpoint.path,
      handler: async (request, reply) => {
        demandNode(request, context);
        send(
          reply,
          await (endpoint.audit === undefined ? answer : auditedAnswer)(endpoint, context, request),
        );
        return reply;
      },
    });
  }
}

/** Methods that clients may try, and that the API has for some paths. */
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;

/** Has the paths that there are tell, of other methods, which may be used: RFC 9110 §15.5.6. */
function refuseOtherMethods(api: FastifyInstance, endpoints: readonly Endpoint[]): void {
  for (const url of new Set(endpoints.map(({ path }) => path))) {
    const methods = endpoints.filter(({ path }) => path === url).map(({ method }) => method);
    const allow = methods.join(', ');
    api.route({
      method: METHODS.filter((method) => !methods.some((each) => each === method)),
      url,
      handler: (_, reply) => {
        reply.header('allow', allow);
        throw new ApiError('method_not_allowed', `the path takes ${allow}`);
      },
    });
  }
}

/** In the paths that name a node there is but this one. */
function demandNode({ params }: FastifyRequest, { node }: ApiContext): void {
  const named = (params as { readonly node?: string }).node;
  if (named !== undefined && named !== node) throw new ApiError('not_found', `there is no node ${named}`);
}

async function answer(endpoint: Endpoint, context: ApiContext, request: FastifyRequest): Promise<Answer> {
  const { params, query, body, application, ip: host } = request;
  const peer = { host, port: request.socket.remotePort ?? 0 };
  return await endpoint.handle(context, { params, query, body }, { application, peer });
}

/** Tells who changed what, or tried to. */
async function auditedAnswer(
  endpoint: Endpoint,
  context: ApiContext,
  request: FastifyRequest,
): Promise<Answer> {
  const { application: app, ip: peer, params } = request;
  const tell = (code: number | undefined, fields: LogFields) =>
    context.log.info(
      { app, peer, action: endpoint.name, ...(params as LogFields), ...fields, code },
      'management request',
    );
  try {
    const given = await answer(endpoint, context, request);
    tell(0, picked(request.body, endpoint.audit ?? []));
    return given;
  } catch (error) {
    tell(error instanceof ApiError ? error.code : undefined, attempted(request.body, endpoint.audit ?? []));
    throw error;
  }
}

/** Under which key a field of a body is logged. */
function named(field: AuditedField): readonly [key: string, field: string] {
  return typeof field === 'string' ? [field, field] : field;
}

/** Those fields of a body that an endpoint has taken. */
function picked(body: unknown, fields: readonly AuditedField[]): LogFields {
  return Object.fromEntries(fields.map(named).map(([key, field]) => [key, (body as LogFields)[field]]));
}

/** Characters of a field of a refused body that are logged. */
const MAX_ATTEMPTED = 128;

/** The same of a body that was refused, whatever it is: those that are text. */
function attempted(body: unknown, fields: readonly AuditedField[]): LogFields {
  const given = Object(body) as LogFields;
  const texts = fields.map(named).flatMap(([key, field]) => {
    const value = given[field];
    return typeof value === 'string' ? [[key, value.slice(0, MAX_ATTEMPTED)] as const] : [];
  });
  return Object.fromEntries(texts);
}

function send(reply: FastifyReply, given: Answer): void {
  reply.type(JSON_TYPE);
  reply.send(given instanceof Readable ? given : bodyOf(given));
}

function bodyOf({ data, warnings = [] }: DataAnswer): string {
  return JSON.stringify({ data, ...(warnings.length > 0 && { warnings }), code: 0 });
}

function answerError(
  context: ApiContext,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const failure = asApiError(error);
  if (failure.status === 500)
    context.log.error({ err: error, path: request.url }, 'management request failed');
  if (failure.status === 401) reply.header('www-authenticate', 'Basic realm="Portico"');
  reply.code(failure.status).type(JSON_TYPE);
  reply.send(JSON.stringify({ code: failure.code, message: failure.message }));
}

function asApiError(error: FastifyError): ApiError {
  if (error instanceof ApiError) return error;
  const failure = FASTIFY_FAILURES[error.statusCode as keyof typeof FASTIFY_FAILURES];
  if (failure === 'body_too_large')
    return new ApiError(failure, 'the body is larger than management.max_body_size');
  if (failure === undefined) return new ApiError('unknown', 'something went wrong; the log says what');
  return new ApiError(failure, error.message);
}
