import { cpus, release } from 'node:os';
import type { Pinning } from './processors.js';
import type { Summary } from './summary.js';

/** A row of a case's table. */
export interface PeerResult {
  readonly peer: string;
  /** Name and version. */
  readonly title: string;
  readonly settings: string;
  readonly summary: Summary;
}

/** Names of the peers that the others are set against. */
export type Yardsticks = readonly string[];

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

/** One case as a table; `×0.50` in a column means half the processor time of that peer. */
export function formatCase(title: string, results: readonly PeerResult[], yardsticks: Yardsticks): string {
  const present = yardsticks.flatMap((name) => results.filter((result) => result.peer === name));
  const header = [
    '',
    'per second',
    'CPU µs each',
    'CPU',
    'waited',
    'load CPU',
    'lost',
    ...present.map((yardstick) => `CPU/${yardstick.peer}`),
  ];
  const rows = results.map(({ title, summary }) => [
    title,
    integer(summary.perSecond),
    summary.cpuPerDelivery.toFixed(2),
    percent(summary.cpuShare),
    percent(summary.waitedShare),
    percent(summary.loadCpuShare),
    describeLoss(summary),
    ...present.map((yardstick) => ratio(summary.cpuPerDelivery / yardstick.summary.cpuPerDelivery)),
  ]);
  const settings = results.map((result) => `  ${result.title}: ${result.settings}`);
  return [title, ...alignColumns([header, ...rows]), ...settings, ''].join('\n');
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

function ratio(value: number): string {
  return `×${value.toPrecision(2)}`;
}

function describeLoss({ lost, expected }: Summary): string {
  return lost === 0 ? '0' : `${integer(lost)} (${((lost / expected) * 100).toPrecision(2)} %)`;
}
