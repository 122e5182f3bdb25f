import type { Measurement } from './load/job.js';

/** What one peer did in one case: the median of its runs, and what was lost in all of them. */
export interface Summary {
  /** Deliveries or exchanges per second. */
  readonly perSecond: number;
  /** Microseconds of processor time per delivery. */
  readonly cpuPerDelivery: number;
  /** Processors that the peer used, 1 is one. */
  readonly cpuShare: number;
  /** Part of the time in which other programs had the processor that the peer needed: above a few percent, measure again. */
  readonly waitedShare: number;
  /** Processors that the load used; the load itself is the limit when it comes near 1. */
  readonly loadCpuShare: number;
  readonly expected: number;
  readonly lost: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below, above] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  if (below === undefined || above === undefined) throw new RangeError('the median of nothing');
  return (below + above) / 2;
}

export function summarize(runs: readonly Measurement[]): Summary {
  const medianOf = (figure: (run: Measurement) => number) => median(runs.map(figure));
  const sumOf = (figure: (run: Measurement) => number) => runs.reduce((sum, run) => sum + figure(run), 0);
  return {
    perSecond: medianOf((run) => run.perSecond),
    cpuPerDelivery: medianOf((run) => run.cpuPerDelivery),
    cpuShare: medianOf((run) => run.cpuShare),
    waitedShare: medianOf((run) => run.waitedShare),
    loadCpuShare: medianOf((run) => run.loadCpuShare),
    expected: sumOf((run) => run.expected),
    lost: sumOf((run) => run.expected - run.received),
  };
}
