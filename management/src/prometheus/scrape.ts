import { thisMachine } from '@portico/core';
import type { ApiContext, ManagedGateway } from '../endpoint.js';
import { Slice } from '../turns.js';
import { familyText, histogramText, type Sample } from './exposition.js';

/** All metrics as Prometheus reads them; clients are counted in turns with everything else. */
export async function scrape(context: ApiContext): Promise<string> {
  const { metrics } = context.hub;
  const clients = await clientSamples(context);
  return [
    ...[...metrics.counters()].map(({ name, help, value }) =>
      familyText({ name, help, type: 'counter', samples: [{ value }] }),
    ),
    ...[...metrics.gauges()].map(({ name, help, value }) =>
      familyText({ name, help, type: 'gauge', samples: [{ value }] }),
    ),
    ...[...metrics.histograms()].map(histogramText),
    familyText({
      name: 'clients',
      help: 'clients of each gateway, connected or with a session',
      type: 'gauge',
      samples: clients,
    }),
    ...(await context.gatewayTraffic.texts(context.hub, context.turns)),
    ...listenerTexts(context),
    ...(await processTexts(context)),
  ].join('');
}

/** What it costs in a {@link Slice} to count a client. */
const COUNT_COST = 1;

async function clientSamples({ hub, turns }: ApiContext): Promise<readonly Sample[]> {
  const counts = new Map<string, { connected: number; away: number }>();
  const slice = new Slice(turns);
  for (const { client, connected } of hub.engine.sessions.values()) {
    await slice.over();
    slice.charge(COUNT_COST);
    const count = counts.get(client.gateway) ?? { connected: 0, away: 0 };
    if (connected) count.connected++;
    else count.away++;
    counts.set(client.gateway, count);
  }
  return [...counts].flatMap(([gateway, { connected, away }]) => [
    { labels: { gateway, state: 'connected' }, value: connected },
    { labels: { gateway, state: 'disconnected' }, value: away },
  ]);
}

function listenerTexts({ hub }: ApiContext): readonly string[] {
  const listeners = hub.listeners.map(({ name, statistics }) => ({
    labels: { gateway: name.split(':')[0] ?? '', listener: name },
    statistics,
  }));
  return [
    familyText({
      name: 'listener.connections',
      help: 'connections of a listener',
      type: 'gauge',
      samples: listeners.map(({ labels, statistics }) => ({ labels, value: statistics.connections })),
    }),
    familyText({
      name: 'listener.max_connections',
      help: 'connections that a listener takes',
      type: 'gauge',
      samples: listeners.map(({ labels, statistics }) => ({ labels, value: statistics.maxConnections })),
    }),
    familyText({
      name: 'listener.closed',
      help: 'connections of a listener that have ended since the start, by reason as the log tells it',
      type: 'counter',
      samples: [...hub.gateways].flatMap(([gateway, { endings }]) => endingSamples(gateway, endings)),
    }),
  ];
}

function endingSamples(gateway: string, endings: ManagedGateway['endings']): Sample[] {
  return [...endings].flatMap(([listener, reasons]) =>
    [...reasons].map(([reason, value]) => ({ labels: { gateway, listener, reason }, value })),
  );
}

/** The process and the hub itself. */
async function processTexts({ hub, node, version, startedAt }: ApiContext): Promise<readonly string[]> {
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const files = await thisMachine.openFiles();
  const gauge = (name: string, help: string, value: number) =>
    familyText({ name, help, type: 'gauge', samples: [{ value }] });
  return [
    familyText({
      name: 'process.cpu.seconds',
      help: 'processor time used',
      type: 'counter',
      samples: [{ value: (user + system) / 1e6 }],
    }),
    gauge('process.memory.bytes', 'memory that the process has', rss),
    gauge('process.heap.used.bytes', 'memory that objects take', heapUsed),
    gauge('process.heap.total.bytes', 'memory that is set aside for objects', heapTotal),
    ...(files === undefined
      ? []
      : [
          gauge('process.open_files', 'files and sockets that are open', files.used),
          gauge('process.max_files', 'files and sockets that may be open', files.total),
        ]),
    gauge('uptime.seconds', 'time since the start', (hub.engine.clock.monotonic() - startedAt) / 1000),
    gauge('alarms.active', 'alarms that are active', hub.alarms.active.length),
    familyText({
      name: 'info',
      help: 'which version runs, on which node',
      type: 'gauge',
      samples: [{ labels: { node, version }, value: 1 }],
    }),
  ];
}
