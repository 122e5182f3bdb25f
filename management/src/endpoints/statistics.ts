import { formatAddress, type Listener } from '@portico/core';
import { type ApiContext, type Endpoint, ofNodes } from '../endpoint.js';

function metrics({ hub }: ApiContext) {
  return Object.fromEntries([...hub.metrics.counters()].map(({ name, value }) => [name, value]));
}

function statistics({ hub }: ApiContext) {
  const entries = [...hub.metrics.gauges()].flatMap(({ name, value, max }) => [
    [`${name}.count`, value],
    [`${name}.max`, max],
  ]);
  return Object.fromEntries(entries);
}

function listeners({ hub }: ApiContext) {
  return hub.listeners.map(listenerRow);
}

function listenerRow({ name, address, statistics: { connections, maxConnections, closed } }: Listener) {
  const [gateway, type] = name.split(':');
  return {
    protocol: `${gateway}:${type}`,
    identifier: name,
    listen_on: formatAddress(address),
    acceptors: 1,
    max_conns: maxConnections,
    current_conns: connections,
    // An empty list is how the reference says that there are none.
    shutdown_count: Object.keys(closed).length === 0 ? [] : closed,
  };
}

/** What is counted: `metrics`, `stats` and `listeners` of the API. */
export const statisticsEndpoints: readonly Endpoint[] = [
  ...ofNodes({
    path: '/metrics',
    key: 'metrics',
    name: 'list_metrics',
    descr: 'Show the counters',
    tell: metrics,
  }),
  ...ofNodes({
    path: '/stats',
    key: 'stats',
    name: 'list_stats',
    descr: 'Show the statistics',
    tell: statistics,
  }),
  ...ofNodes({
    path: '/listeners',
    key: 'listeners',
    name: 'list_listeners',
    descr: 'Show the listeners',
    tell: listeners,
  }),
];
