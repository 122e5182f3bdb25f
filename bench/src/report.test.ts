import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCase, type PeerResult } from './report.js';

function result(peer: string, cpuPerDelivery: number, lost: number): PeerResult {
  const shares = { cpuShare: 0.996, waitedShare: 0, loadCpuShare: 0.2 };
  const summary = { perSecond: 123_456.7, cpuPerDelivery, ...shares, expected: 1000, lost };
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
