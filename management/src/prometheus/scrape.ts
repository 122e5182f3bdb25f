import { type Engine, type GatewayDrop, thisMachine } from '@portico/core';
import type { ApiContext, ManagedGateway } from '../endpoint.js';
import { type ClientTally, tallyClients } from './client-tally.js';
import { familyText, histogramText, type Sample } from './exposition.js';

/** All metrics as Prometheus reads them; clients are counted in turns with everything else. */
export async function scrape(context: ApiContext): Promise<string> {
  const { metrics, engine } = context.hub;
  const clients = await tallyClients(context);
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
      samples: clientSamples(clients),
    }),
    ...(await context.gatewayTraffic.texts(context.hub, clients, context.turns)),
    ...dropTexts(engine.metrics.byGateway),
    ...listenerTexts(context),
    ...(await processTexts(context)),
  ].join('');
}

function clientSamples(clients: ReadonlyMap<string, ClientTally>): readonly Sample[] {
  return [...clients].flatMap(([gateway, { connected, away }]) => [
    { labels: { gateway, state: 'connected' }, value: connected },
    { labels: { gateway, state: 'disconnected' }, value: away },
  ]);
}

function dropTexts({ publicationDrops, deliveryDrops }: Engine['metrics']['byGateway']): readonly string[] {
  const family = (name: string, help: string, drops: Iterable<GatewayDrop>) => {
    const samples = [...drops].map(({ gateway, reason, count }) => ({
      labels: { gateway, reason },
      value: count,
    }));
    return familyText({ name, help, type: 'counter', samples });
  };
  return [
    family(
      'gateway.messages.dropped',
      'messages of clients of a gateway that were dropped before they reached a session',
      publicationDrops.list(),
    ),
    family(
      'gateway.delivery.dropped',
      'deliveries to clients of a gateway that were dropped',
      deliveryDrops.list(),
    ),
  ];
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
