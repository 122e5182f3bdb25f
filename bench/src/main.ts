/**
 * Measures Portico beside its peers, case by case, all in one run. Every run is a fresh process of the peer and
 * of the load; the peers take turns, so that a busy spell of the machine hits all of them.
 */

import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Peer } from './brokers/peer.js';
import { RunningPeer } from './brokers/running-peer.js';
import type { Case } from './cases/case.js';
import type { Job, Load, Measurement } from './load/job.js';
import { type Options, parseOptions, USAGE } from './options.js';
import { choosePinning, type Pinning, pinned } from './processors.js';
import { describeRun, formatCase, type PeerResult } from './report.js';
import { summarize } from './summary.js';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
const LOAD_PROGRAM = fileURLToPath(new URL('./load/main.js', import.meta.url));
/** Seconds before each window: connections are up, code is compiled, buffers have grown. */
const WARM_UP = 2;

/** One run of one peer, with how the peer describes itself. */
interface Run extends Pick<RunningPeer, 'title' | 'settings'> {
  readonly measurement: Measurement;
}

/** What a case gave for one peer. */
type CaseResult = PeerResult & { readonly runs: readonly Run[] };

async function runPeer(peer: Peer, load: Load, window: number, pinning: Pinning | undefined): Promise<Run> {
  const running = await RunningPeer.start(peer, pinning?.peer);
  try {
    const { port, pid, title, settings } = running;
    const job: Job = { load, port, pid, warmUp: WARM_UP, window };
    const [program, ...args] = pinned(pinning?.load, [process.execPath, LOAD_PROGRAM, JSON.stringify(job)]);
    const { stdout } = await promisify(execFile)(program as string, args);
    return { measurement: JSON.parse(stdout) as Measurement, title, settings };
  } finally {
    await running.stop();
  }
}

async function runCase(one: Case, options: Options, pinning: Pinning | undefined): Promise<CaseResult[]> {
  const runs = new Map<Peer, Run[]>(one.peers.map((peer) => [peer, []]));
  for (let round = 1; round <= options.runs; round++) {
    for (const [peer, done] of runs) {
      process.stderr.write(`${one.name}, run ${round} of ${options.runs}: ${peer.name}\n`);
      done.push(await runPeer(peer, one.load, options.seconds, pinning));
    }
  }
  return [...runs].map(([peer, done]) => {
    const { title, settings } = done[0] as Run;
    return {
      peer: peer.name,
      title,
      settings,
      summary: summarize(done.map(({ measurement }) => measurement)),
      runs: done,
    };
  });
}

/** Starts and stops every peer, so that one that cannot start ends the run at its beginning. */
async function tryPeers(cases: readonly Case[], pinning: Pinning | undefined): Promise<void> {
  for (const peer of new Set(cases.flatMap(({ peers }) => peers))) {
    const running = await RunningPeer.start(peer, pinning?.peer);
    await running.stop();
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const pinning = choosePinning();
  const conditions = describeRun(pinning, options.seconds, options.runs);
  console.log(conditions);
  await tryPeers(options.cases, pinning);
  const cases: object[] = [];
  for (const one of options.cases) {
    const results = await runCase(one, options, pinning);
    const yardsticks = one.peers.map(({ name }) => name).filter((name) => name !== 'portico');
    console.log(formatCase(one.title, results, yardsticks));
    cases.push({ name: one.name, title: one.title, load: one.load, results });
  }
  mkdirSync(RESULTS, { recursive: true });
  const started = new Date().toISOString();
  const file = `${RESULTS}${started.replaceAll(':', '-')}.json`;
  writeFileSync(file, `${JSON.stringify({ started, conditions, cases }, undefined, 2)}\n`);
  console.log(`All figures: ${file}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
