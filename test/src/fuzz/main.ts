/**
 * Feeds hostile bytes to every codec, to DTLS, and to the recovery of the store: random ones, and sound ones with mutations.
 * Prints what it needs to repeat a failure, and fails with the first of each.
 */

import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { fuzzTarget, type Outcome } from './campaign.js';
import { type FuzzTarget, fuzzTargets } from './targets.js';

const USAGE = `Usage: node test/dist/fuzz/main.js [options]
  --seconds N    for each target, default 60
  --seed N       repeats the inputs of an earlier run
  --codec NAME   only this one: cbor, lwm2m-objects, dtls-records, …, or store for the store
  --hex BYTES    only this input, to repeat a failure (with --codec)`;

/** How long one input may take, in milliseconds. */
const HANG = 5000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    codec: { type: 'string' },
    hex: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function report(seed: number, { target, inputs, failure }: Outcome): void {
  const count = inputs.toLocaleString('en-US');
  if (failure === undefined) {
    console.log(`${target}: ${count} inputs, nothing found`);
    return;
  }
  process.exitCode = 1;
  console.log(`${target}: FAILED at input ${count} of seed ${seed}`);
  console.log(`  ${failure.reason}`);
  console.log(
    `  again: node test/dist/fuzz/main.js --codec ${target} --hex ${failure.input.toString('hex')}`,
  );
}

/** As many targets at a time as there are processors. */
async function fuzzAll(targets: readonly FuzzTarget[], seed: number, seconds: number): Promise<void> {
  const waiting = targets.values();
  const workThrough = async () => {
    for (const target of waiting) {
      report(seed, await fuzzTarget(target, { seed, milliseconds: seconds * 1000, hang: HANG }));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, workThrough));
}

async function runOne(target: FuzzTarget | undefined, hex: string): Promise<void> {
  if (target === undefined) throw new Error('which codec?');
  const { fuzz } = (await import(target.module)) as { fuzz: (bytes: Buffer) => unknown };
  await fuzz(Buffer.from(hex, 'hex'));
  console.log(`${target.name}: nothing found`);
}

const targets = fuzzTargets().filter(({ name }) => values.codec === undefined || values.codec === name);
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);

if (values.help || targets.length === 0 || !(seconds > 0) || !Number.isInteger(seed)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 1;
} else if (values.hex !== undefined) {
  await runOne(targets[0], values.hex);
} else {
  console.log(`Fuzzing ${targets.map(({ name }) => name).join(', ')} for ${seconds} s each, seed ${seed}`);
  await fuzzAll(targets, seed, seconds);
}
