import { readdirSync, readFileSync } from 'node:fs';

/** `pid` and its children, as they are now. */
export function processTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(processTree)];
}

/** What processes have had of the processors since they started, in microseconds. */
export interface CpuTime {
  /** User and system time of all threads. */
  readonly used: number;
  /** The part of it that threads other than the main one used: garbage collection, compilation. */
  readonly helpersUsed: number;
  /** Time in which a main thread could have run but its processor was taken, by whomever. */
  readonly mainWaited: number;
}

/**
 * Sums up what Linux counts per thread, in nanoseconds (`/proc/<pid>/task/<tid>/schedstat`). Threads that have
 * ended are not in the sum.
 */
export function cpuTime(pids: readonly number[]): CpuTime {
  let used = 0;
  let helpersUsed = 0;
  let mainWaited = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const schedstat = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ');
      const [ran, waited] = [Number(schedstat[0]) / 1000, Number(schedstat[1]) / 1000];
      used += ran;
      if (Number(thread) === pid) mainWaited += waited;
      else helpersUsed += ran;
    }
  }
  return { used, helpersUsed, mainWaited };
}
