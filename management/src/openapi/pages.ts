import type { FastifyInstance } from 'fastify';
import { endpointsOf } from '../api.js';
import type { ApiContext } from '../endpoint.js';
import { type OpenApiDocument, openApiDocument } from './document.js';
import { apiPage } from './page.js';

/** Nothing but what the page itself says is to be loaded or done. */
const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/**
 * What the API can be asked for, without credentials: `/api-docs` for people, `/api-docs/openapi.json` for programs.
 * Both are made when they are first asked for.
 */
export function addApiPages(server: FastifyInstance, { hub, version }: ApiContext): void {
  let made: OpenApiDocument | undefined;
  const document = () => {
    made ??= openApiDocument(endpointsOf(hub), version);
    return made;
  };
  server.get('/api-docs/openapi.json', () => document());
  server.get('/api-docs', (_, reply) =>
    reply
      .header('content-security-policy', CONTENT_POLICY)
      .type('text/html; charset=utf-8')
      .send(apiPage(document())),
  );
}
