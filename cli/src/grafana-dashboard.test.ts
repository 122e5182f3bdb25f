import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connectionInfo } from '@portico/core/testing';
import { basic, SECRET, TestApi } from '@portico/management/testing';

/** Of stores on disk alone. */
const ELSEWHERE = ['portico_store_batch_time_seconds_bucket'];

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Dashboard {
  readonly panels: readonly { readonly gridPos: Place; readonly targets: readonly Target[] }[];
}

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

const dashboard: Dashboard = JSON.parse(
  readFileSync(new URL('../../docs/grafana-dashboard.json', import.meta.url), 'utf8'),
);

/** What a hub tells of which everything has happened that is counted by label. */
async function metricsText(): Promise<string> {
  const past = { bytesReceived: 0, bytesSent: 0, framesReceived: 0, framesSent: 0 };
  const endings = new Map([['mqtt:tcp:default', new Map([['normal', 1]])]]);
  const gateway = { definition: {}, instances: [], traffic: { past, present: [] }, endings };
  const api = await TestApi.start({}, { gateways: new Map([['mqtt', gateway]]) });
  // What only links and listeners of gateways count.
  api.hub.metrics.counter('bytes.received', '');
  api.hub.metrics.counter('bytes.sent', '');
  const client = api.hub.client('c', { connection: connectionInfo('mqtt') });
  client.publish('nobody/listens', '');
  client.subscribe('t');
  client.maxPayload = 1;
  client.publish('t', 'too large');
  const response = await api.fetch('/metrics', { headers: { authorization: basic('admin', SECRET) } });
  return await response.text();
}

/** Names in braces of a legend, and those that a query groups by. */
function labelsOf({ expr, legendFormat }: Target): readonly string[] {
  const grouped = [...expr.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', '));
  const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name);
  // Prometheus itself adds this one.
  return [...grouped, ...shown].filter((name) => name !== 'instance');
}

test('every metric that the dashboard for Grafana shows is there, with the labels that it is shown by', async () => {
  const text = await metricsText();
  const targets = dashboard.panels.flatMap((panel) => panel.targets);
  assert.ok(targets.length > 15);
  for (const target of targets) {
    const [metric = ''] = target.expr.match(/portico_\w+/) ?? [];
    if (ELSEWHERE.includes(metric)) continue;
    const [sample] = text.match(new RegExp(`^${metric}[{ ].*$`, 'm')) ?? [];
    assert.notEqual(sample, undefined, target.expr);
    for (const label of labelsOf(target)) {
      assert.ok(sample?.includes(`${label}="`), `${label} of ${target.expr}`);
    }
  }
});

test('no two panels of the dashboard lie on one another', () => {
  const places = dashboard.panels.map((panel) => panel.gridPos);
  for (const [index, one] of places.entries()) {
    for (const other of places.slice(index + 1)) {
      const apart =
        one.x + one.w <= other.x ||
        other.x + other.w <= one.x ||
        one.y + one.h <= other.y ||
        other.y + other.h <= one.y;
      assert.ok(apart, JSON.stringify([one, other]));
    }
  }
});
