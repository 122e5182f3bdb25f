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
  /** User and system time. */
  readonly used: number;
  /** Time in which they could have run but others had the processor. */
  readonly waited: number;
}

/**
 * Sums up what Linux counts per thread, in nanoseconds (`/proc/<pid>/task/<tid>/schedstat`). Threads that have
 * ended are not in the sum.
 */
export function cpuTime(pids: readonly number[]): CpuTime {
  let used = 0;
  let waited = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const schedstat = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ');
      used += Number(schedstat[0]) / 1000;
      waited += Number(schedstat[1]) / 1000;
    }
  }
  return { used, waited };
}
