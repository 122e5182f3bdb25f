import type { Footprint, Measurement, Throughput } from './load/job.js';

/** What one peer did in one case: the median of its runs, and what was lost in all of them. */
export interface ThroughputSummary extends Omit<Throughput, 'received'> {
  /** Over all runs, as `expected` is. */
  readonly lost: number;
}

/** What idle connections cost one peer, the median of its runs. */
export interface FootprintSummary {
  readonly kind: 'footprint';
  /** Bytes. */
  readonly before: number;
  readonly perConnection: number;
}

export type Summary = ThroughputSummary | FootprintSummary;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below, above] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  if (below === undefined || above === undefined) throw new RangeError('the median of nothing');
  return (below + above) / 2;
}

/** @param runs of one case, so all of one kind */
export function summarize(runs: readonly Measurement[]): Summary {
  const footprints = runs.filter((run) => run.kind === 'footprint');
  return footprints.length > 0
    ? summarizeFootprints(footprints)
    : summarizeThroughputs(runs.filter((run) => run.kind === 'throughput'));
}

function summarizeFootprints(runs: readonly Footprint[]): FootprintSummary {
  return {
    kind: 'footprint',
    before: median(runs.map(({ before }) => before)),
    perConnection: median(runs.map(({ before, after, connections }) => (after - before) / connections)),
  };
}

function summarizeThroughputs(runs: readonly Throughput[]): ThroughputSummary {
  const medianOf = (figure: (run: Throughput) => number) => median(runs.map(figure));
  const sumOf = (figure: (run: Throughput) => number) => runs.reduce((sum, run) => sum + figure(run), 0);
  const timed = medianTimes(runs.flatMap(({ latency }) => latency ?? []));
  const listed = medianTimes(runs.flatMap(({ listing }) => listing ?? []));
  return {
    kind: 'throughput',
    perSecond: medianOf((run) => run.perSecond),
    cpuPerDelivery: medianOf((run) => run.cpuPerDelivery),
    cpuShare: medianOf((run) => run.cpuShare),
    waitedShare: medianOf((run) => run.waitedShare),
    loadCpuShare: medianOf((run) => run.loadCpuShare),
    expected: sumOf((run) => run.expected),
    lost: sumOf((run) => run.expected - run.received),
    ...(timed && { latency: timed }),
    ...(listed && { listing: listed }),
  };
}

/** @returns undefined when there are none */
function medianTimes(times: readonly NonNullable<Throughput['latency']>[]): Throughput['latency'] {
  if (times.length === 0) return undefined;
  return { median: median(times.map((one) => one.median)), p99: median(times.map((one) => one.p99)) };
}
