import { formatAddress, type Listener } from '@portico/core';
import { type ApiContext, type Endpoint, endpoint } from '../endpoint.js';

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

/** What is told of each node: as a list with one entry for each, and bare for one of them. */
function ofNodes(key: string, descr: string, tell: (context: ApiContext) => unknown): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: `/${key}`,
      name: `list_${key}`,
      descr: `Show ${descr} of all nodes`,
      handle: (context) => ({ data: [{ node: context.node, [key]: tell(context) }] }),
    }),
    endpoint({
      method: 'GET',
      path: `/nodes/:node/${key}`,
      name: `list_node_${key}`,
      descr: `Show ${descr} of a node`,
      handle: (context) => ({ data: tell(context) }),
    }),
  ];
}

/** What is counted: `metrics`, `stats` and `listeners` of the API. */
export const statisticsEndpoints: readonly Endpoint[] = [
  ...ofNodes('metrics', 'the counters', metrics),
  ...ofNodes('stats', 'the statistics', statistics),
  ...ofNodes('listeners', 'the listeners', listeners),
];
