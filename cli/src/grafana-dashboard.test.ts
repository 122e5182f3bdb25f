import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { basic, SECRET, TestApi } from '@portico/management/testing';

/** Of stores on disk alone. */
const ELSEWHERE = ['portico_store_batch_time_seconds_bucket'];

test('every metric that the dashboard for Grafana shows is there', async () => {
  const dashboard = readFileSync(new URL('../../docs/grafana-dashboard.json', import.meta.url), 'utf8');
  const shown = new Set(dashboard.match(/portico_\w+/g));
  const api = await TestApi.start();
  api.hub.client('c');
  const authorization = basic('admin', SECRET);
  // What only links and listeners of gateways count.
  api.hub.metrics.counter('bytes.received', '');
  api.hub.metrics.counter('bytes.sent', '');
  const text = await (await api.fetch('/metrics', { headers: { authorization } })).text();
  assert.ok(shown.size > 10);
  for (const metric of shown) {
    const family = metric.replace(/_bucket$/, '');
    assert.ok(ELSEWHERE.includes(metric) || text.includes(`# TYPE ${family} `), metric);
  }
});
