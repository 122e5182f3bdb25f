import * as answers from '../answers.js';
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

/** What is counted: `metrics` and `stats` of the API. */
export const statisticsEndpoints: readonly Endpoint[] = [
  ...ofNodes({
    path: '/metrics',
    key: 'metrics',
    name: 'list_metrics',
    descr: 'Show the counters',
    data: answers.counters,
    tell: metrics,
  }),
  ...ofNodes({
    path: '/stats',
    key: 'stats',
    name: 'list_stats',
    descr: 'Show the statistics',
    data: answers.counters,
    tell: statistics,
  }),
];
