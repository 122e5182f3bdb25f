import type { FastifyInstance } from 'fastify';
import type { Admission } from '../admission.js';
import type { ApiContext } from '../endpoint.js';
import { EXPOSITION_TYPE } from './exposition.js';
import { scrape } from './scrape.js';

/** What Prometheus reads: `/metrics`, open where the configuration says so, and `/api/v4/prometheus/metrics`, which is not. */
export function addMetrics(server: FastifyInstance, context: ApiContext, admission: Admission): void {
  for (const { url, isOpen } of [
    { url: '/metrics', isOpen: () => context.config.prometheus.open },
    { url: '/api/v4/prometheus/metrics', isOpen: () => false },
  ]) {
    server.get(url, async (request, reply) => {
      if (!isOpen()) await admission.admit(request);
      return reply.type(EXPOSITION_TYPE).send(await scrape(context));
    });
  }
}
