import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTrial } from './trial.js';

/**
 * With it the disk is full before two of the kills, and has room again before one of these; two starts are cut short.
 * `make crash` takes another seed each time.
 */
const SEED = 466;

test('a hub that is killed five times under load has lost, repeated and mixed up nothing', async (t) => {
  const { findings, acknowledged, received } = await runTrial({
    seed: SEED,
    kills: 5,
    mostPackets: 5000,
    store: { segment_size: '1MB' },
    report: (line) => t.diagnostic(line),
  });
  assert.deepEqual(findings, []);
  assert.ok(acknowledged > 0 && received > acknowledged);
});
