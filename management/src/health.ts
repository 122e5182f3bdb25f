import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './endpoint.js';

/**
 * What load balancers and orchestrators ask, without credentials. `/healthz`: the process answers; `/readyz`: it serves
 * clients; `/status`: the same for people.
 */
export function addHealth(server: FastifyInstance, { hub, node }: ApiContext): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', (_, reply) => {
    if (hub.running) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready' });
  });
  server.get('/status', (_, reply) => {
    const state = hub.running ? 'started' : 'not started';
    const word = hub.running ? 'running' : 'not running';
    return reply
      .code(hub.running ? 200 : 503)
      .type('text/plain; charset=utf-8')
      .send(`Node ${node} is ${state}\nPortico is ${word}\n`);
  });
}
