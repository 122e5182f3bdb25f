import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCase, type PeerResult } from './report.js';
import type { ThroughputSummary } from './summary.js';

function result(peer: string, cpuPerDelivery: number, lost: number): PeerResult<ThroughputSummary> {
  const shares = { cpuShare: 0.996, waitedShare: 0, loadCpuShare: 0.2 };
  const kind = 'throughput';
  const summary = { kind, perSecond: 123_456.7, cpuPerDelivery, ...shares, expected: 1000, lost } as const;
  return { peer, title: `${peer} 1.0`, settings: 'defaults', summary };
}

test('a table sets every peer against the yardsticks that ran', () => {
  const table = formatCase('A case', [result('old', 8, 0), result('new', 2, 25)], ['old', 'absent']);
  assert.deepEqual(table.split('\n'), [
    'A case',
    '           per second  CPU µs each    CPU  waited  load CPU        lost  CPU/old',
    '  old 1.0     123,457         8.00  100 %     0 %      20 %           0     ×1.0',
    '  new 1.0     123,457         2.00  100 %     0 %      20 %  25 (2.5 %)    ×0.25',
    '  old 1.0: defaults',
    '  new 1.0: defaults',
    '',
  ]);
});

test('where latencies were taken there are columns for them', () => {
  const { summary, ...peer } = result('new', 2, 0);
  const table = formatCase(
    'A case',
    [{ ...peer, summary: { ...summary, latency: { median: 0.5, p99: 3 } } }],
    [],
  );
  const [, header, row] = table.split('\n');
  assert.equal(
    header,
    '           per second  CPU µs each    CPU  waited  load CPU  lost  median ms  p99 ms',
  );
  assert.equal(row, '  new 1.0     123,457         2.00  100 %     0 %      20 %     0       0.50    3.00');
});

test('memory has a table of its own', () => {
  const footprint = (peer: string, perConnection: number): PeerResult => ({
    peer,
    title: peer,
    settings: 'defaults',
    summary: { kind: 'footprint', before: 10_240, perConnection },
  });
  const table = formatCase('Idle', [footprint('old', 2048), footprint('new', 1024)], ['old']);
  assert.deepEqual(table.split('\n').slice(0, 4), [
    'Idle',
    '       KiB each  KiB before  memory/old',
    '  old       2.0        10.0        ×1.0',
    '  new       1.0        10.0       ×0.50',
  ]);
});
