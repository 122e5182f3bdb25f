import type { FastifyInstance } from 'fastify';
import type { Admission } from '../admission.js';
import type { ApiContext } from '../endpoint.js';
import { EXPOSITION_TYPE } from './exposition.js';
import { scrape } from './scrape.js';

/** What Prometheus reads: `/metrics`, open where the configuration says so, and `/api/v4/prometheus/metrics`, which is not. */
export function addMetrics(server: FastifyInstance, context: ApiContext, admission: Admission): void {
  const { open } = context.config.prometheus;
  for (const { url, guarded } of [
    { url: '/metrics', guarded: !open },
    { url: '/api/v4/prometheus/metrics', guarded: true },
  ]) {
    server.get(url, async (request, reply) => {
      if (guarded) await admission.admit(request);
      return reply.type(EXPOSITION_TYPE).send(await scrape(context));
    });
  }
}
