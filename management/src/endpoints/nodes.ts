import { loadavg } from 'node:os';
import { localTimeText, thisMachine, uptimeText } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, endpoint } from '../endpoint.js';

const RUNTIME = `${process.version}/${process.versions.v8}`;
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** `96.75M`, `1.50G` */
function memoryText(bytes: number): string {
  return bytes < GIB ? `${(bytes / MIB).toFixed(2)}M` : `${(bytes / GIB).toFixed(2)}G`;
}

function about({ hub, node, version, startedAt }: ApiContext) {
  return {
    node,
    node_status: 'Running' as const,
    // The reference tells the version of its runtime here, and so do we.
    otp_release: RUNTIME,
    uptime: uptimeText(hub.engine.clock.monotonic() - startedAt),
    version,
  };
}

function broker(context: ApiContext): z.output<typeof answers.brokerRow> {
  const { clock } = context.hub.engine;
  return { ...about(context), sysdescr: 'Portico', datetime: localTimeText(new Date(clock.now())) };
}

/** @param memory how bytes are shown: the list has text, one node numbers */
async function nodeRow(context: ApiContext, memory: (bytes: number) => string | number) {
  const { hub } = context;
  const { connections, sessions } = hub.engine.metrics.gauges;
  const { rss, heapUsed, external } = process.memoryUsage();
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  const room = hub.listeners.reduce((sum, { statistics }) => sum + statistics.maxConnections, 0);
  return {
    ...about(context),
    connections: sessions.value,
    live_connections: connections.value,
    load1: load1.toFixed(2),
    load5: load5.toFixed(2),
    load15: load15.toFixed(2),
    max_fds: (await thisMachine.openFiles())?.total ?? 0,
    memory_total: memory(rss),
    memory_used: memory(heapUsed + external),
    process_available: room,
    process_used: connections.value,
  };
}

/** The hub itself: `brokers` and `nodes` of the API. */
export const nodeEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/brokers',
    name: 'list_brokers',
    descr: 'List the brokers of the cluster',
    data: z.array(answers.brokerRow),
    handle: (context) => ({ data: [broker(context)] }),
  }),
  endpoint({
    method: 'GET',
    path: '/brokers/:node',
    name: 'get_broker',
    descr: 'Show the broker of a node',
    data: answers.brokerRow,
    handle: (context) => ({ data: broker(context) }),
  }),
  endpoint({
    method: 'GET',
    path: '/nodes',
    name: 'list_nodes',
    descr: 'List the nodes of the cluster',
    data: z.array(answers.listedNodeRow),
    handle: async (context) => ({ data: [await nodeRow(context, memoryText)] }),
  }),
  endpoint({
    method: 'GET',
    path: '/nodes/:node',
    name: 'get_node',
    descr: 'Show a node',
    data: answers.nodeRow,
    handle: async (context) => ({ data: await nodeRow(context, (bytes) => bytes) }),
  }),
];
