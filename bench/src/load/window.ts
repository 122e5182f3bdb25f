import { setTimeout as sleep } from 'node:timers/promises';
import { type CpuTime, cpuTime, processTree } from './cpu-time.js';
import type { Job, Throughput } from './job.js';
import type { Latencies } from './latency.js';

/** A load that runs. Counters only grow. */
export interface RunningLoad {
  /** What should arrive for all that has been sent so far. */
  readonly expected: number;
  readonly received: number;
  /** Undefined where nothing says when a message was sent. */
  readonly latencies: Latencies | undefined;
  /** How long lists of clients took; missing where nobody asks for any. */
  readonly lists?: Latencies | undefined;
  /** Sends no more. What is under way may still arrive. */
  stop(): void;
}

interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly peer: CpuTime;
  readonly load: CpuTime;
  readonly received: number;
}

/** How long nothing may arrive before what is missing counts as lost, and how long to wait at most. */
const QUIET_MS = 1000;
const DRAIN_LIMIT_MS = 30_000;

/** Lets the load run: warm-up, window, then waits for what is under way. */
export async function measure(running: RunningLoad, job: Job): Promise<Throughput> {
  const pids = processTree(job.pid);
  const take = (): Sample => ({
    at: performance.now(),
    peer: cpuTime(pids),
    load: cpuTime([process.pid]),
    received: running.received,
  });
  await sleep(job.warmUp * 1000);
  running.latencies?.reset();
  running.lists?.reset();
  const first = take();
  await sleep(job.window * 1000);
  const last = take();
  const latency = running.latencies?.summary;
  const listing = running.lists?.summary;
  running.stop();
  await drain(running);
  const { expected, received } = running;
  const times = { ...(latency && { latency }), ...(listing && { listing }) };
  return { kind: 'throughput', ...compare(first, last), expected, received, ...times };
}

function compare(
  first: Sample,
  last: Sample,
): Omit<Throughput, 'kind' | 'expected' | 'received' | 'latency' | 'listing'> {
  const microseconds = (last.at - first.at) * 1000;
  const deliveries = last.received - first.received;
  const used = last.peer.used - first.peer.used;
  const mainWaited = last.peer.mainWaited - first.peer.mainWaited;
  const helpersUsed = last.peer.helpersUsed - first.peer.helpersUsed;
  return {
    perSecond: (deliveries * 1e6) / microseconds,
    cpuPerDelivery: used / deliveries,
    cpuShare: used / microseconds,
    waitedShare: Math.max(0, mainWaited - helpersUsed) / microseconds,
    loadCpuShare: (last.load.used - first.load.used) / microseconds,
  };
}

async function drain(running: RunningLoad): Promise<void> {
  const limit = performance.now() + DRAIN_LIMIT_MS;
  let before = -1;
  while (running.received < running.expected && running.received !== before && performance.now() < limit) {
    before = running.received;
    await sleep(QUIET_MS);
  }
}
