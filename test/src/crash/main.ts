/**
 * Kills a hub under load again and again, and fails when it has lost, repeated or mixed up anything that it has
 * acknowledged.
 */

import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runTrial } from './trial.js';

const USAGE = `Usage: node test/dist/crash/main.js [options]
  --kills N        default 20
  --seed N         repeats the choices of an earlier run
  --sync MODE      as store.sync of the configuration: always (default), never, interval 1s`;

async function main(kills: number, seed: number, sync: string): Promise<void> {
  console.log(`seed ${seed}, store.sync: ${sync}`);
  const { findings, acknowledged, received } = await runTrial({
    seed,
    kills,
    mostPackets: 20_000,
    // Files so small that space is given back all the time.
    store: { sync, segment_size: '1MB' },
    report: console.log,
  });
  console.log(`${acknowledged} messages acknowledged, ${received} received, ${findings.length} findings`);
  for (const { kind, text } of findings) console.log(`  ${kind}: ${text}`);
  if (findings.length > 0) process.exitCode = 1;
}

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    sync: { type: 'string', default: 'always' },
    help: { type: 'boolean', default: false },
  },
});
const [kills, seed] = [Number(values.kills), Number(values.seed)];

if (values.help || !Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 1;
} else {
  await main(kills, seed, values.sync);
}
