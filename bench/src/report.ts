import { cpus, release } from 'node:os';
import type { Pinning } from './processors.js';
import type { FootprintSummary, Summary, ThroughputSummary } from './summary.js';

/** A row of a case's table. */
export interface PeerResult<S extends Summary = Summary> {
  readonly peer: string;
  /** Name and version. */
  readonly title: string;
  readonly settings: string;
  readonly summary: S;
}

/** Names of the peers that the others are set against. */
export type Yardsticks = readonly string[];

/** A column: its heading and what stands in a row. */
type Column<S extends Summary> = readonly [heading: string, cell: (summary: S) => string];

/** The conditions, and how to read the tables. */
export function describeRun(pinning: Pinning | undefined, seconds: number, runs: number): string {
  const processors = cpus();
  const where =
    pinning === undefined
      ? 'nothing is pinned'
      : `the peer on processor ${pinning.peer}, the load on ${pinning.load}`;
  return [
    `${processors.length} × ${processors[0]?.model ?? 'unknown processor'}, Linux ${release()}, Node.js ${process.version}; ${where}`,
    `median of ${runs} runs of ${seconds} s each`,
    "CPU: user and system time of the peer's process; waited: time in which other programs had its processor",
    '(above a few percent, measure again on a quieter machine); ×0.50: half the CPU time for the same work',
    '',
  ].join('\n');
}

const THROUGHPUT: readonly Column<ThroughputSummary>[] = [
  ['per second', ({ perSecond }) => integer(perSecond)],
  ['CPU µs each', ({ cpuPerDelivery }) => cpuPerDelivery.toFixed(2)],
  ['CPU', ({ cpuShare }) => percent(cpuShare)],
  ['waited', ({ waitedShare }) => percent(waitedShare)],
  ['load CPU', ({ loadCpuShare }) => percent(loadCpuShare)],
  ['lost', describeLoss],
];

const LATENCY: readonly Column<ThroughputSummary>[] = [
  ['median ms', ({ latency }) => latency?.median.toFixed(2) ?? ''],
  ['p99 ms', ({ latency }) => latency?.p99.toFixed(2) ?? ''],
];

const LISTING: readonly Column<ThroughputSummary>[] = [
  ['list median ms', ({ listing }) => listing?.median.toFixed(1) ?? ''],
  ['list p99 ms', ({ listing }) => listing?.p99.toFixed(1) ?? ''],
];

const FOOTPRINT: readonly Column<FootprintSummary>[] = [
  ['KiB each', ({ perConnection }) => kibibytes(perConnection)],
  ['KiB before', ({ before }) => kibibytes(before)],
];

/** One case as a table; `×0.50` in a column means half of what that peer takes. */
export function formatCase(title: string, results: readonly PeerResult[], yardsticks: Yardsticks): string {
  const footprints = results.filter(isFootprint);
  const throughputs = results.filter(isThroughput);
  const columns = [
    ...THROUGHPUT,
    ...(throughputs.some(({ summary }) => summary.latency !== undefined) ? LATENCY : []),
    ...(throughputs.some(({ summary }) => summary.listing !== undefined) ? LISTING : []),
  ];
  const rows =
    footprints.length > 0
      ? table(footprints, FOOTPRINT, yardsticks, 'memory', ({ perConnection }) => perConnection)
      : table(throughputs, columns, yardsticks, 'CPU', cpuOf);
  const settings = results.map((result) => `  ${result.title}: ${result.settings}`);
  return [title, ...alignColumns(rows), ...settings, ''].join('\n');
}

const cpuOf = ({ cpuPerDelivery }: ThroughputSummary) => cpuPerDelivery;

function isFootprint(result: PeerResult): result is PeerResult<FootprintSummary> {
  return result.summary.kind === 'footprint';
}

function isThroughput(result: PeerResult): result is PeerResult<ThroughputSummary> {
  return result.summary.kind === 'throughput';
}

/**
 * Heading and rows.
 * @param cost what a peer is set against the yardsticks by
 */
function table<S extends Summary>(
  results: readonly PeerResult<S>[],
  columns: readonly Column<S>[],
  yardsticks: Yardsticks,
  costName: string,
  cost: (summary: S) => number,
): string[][] {
  const present = yardsticks.flatMap((name) => results.filter((result) => result.peer === name));
  const header = [
    '',
    ...columns.map(([heading]) => heading),
    ...present.map(({ peer }) => `${costName}/${peer}`),
  ];
  const rows = results.map(({ title, summary }) => [
    title,
    ...columns.map(([, cell]) => cell(summary)),
    ...present.map((yardstick) => ratio(cost(summary) / cost(yardstick.summary))),
  ]);
  return [header, ...rows];
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(width(column)) : cell.padStart(width(column))))
      .join('  ')
      .replace(/^/, '  '),
  );
}

function integer(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function kibibytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}

function ratio(value: number): string {
  return `×${value.toPrecision(2)}`;
}

function describeLoss({ lost, expected }: ThroughputSummary): string {
  return lost === 0 ? '0' : `${integer(lost)} (${((lost / expected) * 100).toPrecision(2)} %)`;
}
