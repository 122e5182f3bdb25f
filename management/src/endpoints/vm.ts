import { loadavg } from 'node:os';
import { thisMachine } from '@portico/core';
import type { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, ofNodes } from '../endpoint.js';

/** Transports whose connections are a socket each; all peers of another share the one of their listener. */
const STREAMS: ReadonlySet<string | undefined> = new Set(['tcp', 'tls', 'ws', 'wss']);

/** What the process takes of the machine. */
async function vm({ hub, listener }: ApiContext): Promise<z.output<typeof answers.vmRow>> {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  const { used: activeFds = 0, total: maxFds = 0 } = (await thisMachine.openFiles()) ?? {};
  const { listeners } = hub;
  const room = listeners.reduce((sum, { statistics }) => sum + statistics.maxConnections, 0);
  const streams = listeners.filter(({ name }) => STREAMS.has(name.split(':')[1]));
  const sockets = streams.reduce((sum, { statistics }) => sum + statistics.connections, listener.connections);
  return {
    load: { load1, load5, load15 },
    memory: {
      total: rss,
      heap_total: heapTotal,
      heap_used: heapUsed,
      external,
      array_buffers: arrayBuffers,
      other: Math.max(0, rss - heapTotal - external),
    },
    process: { limit: room, count: hub.engine.metrics.gauges.connections.value },
    io: { max_fds: maxFds, active_fds: activeFds },
    ports: { limit: maxFds, count: sockets + listeners.length + 1 },
  };
}

/** The process that the hub is: `vm` of the API. */
export const vmEndpoints: readonly Endpoint[] = ofNodes({
  path: '/vm',
  key: 'vm',
  name: 'list_vm',
  descr: 'Load, memory, connections, file descriptors and sockets of the process',
  data: answers.vmRow,
  tell: vm,
});
