import type { HistogramReading } from '@portico/core';

/** The type of the text, version 0.0.4 of the format of Prometheus. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;

/** One value of a metric, for one set of labels. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** A metric as Prometheus knows it. */
interface Family {
  /** Dotted or in snake case, without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly Sample[];
}

/** The lines of a metric. Counters end in `_total`, and nothing else does. */
export function familyText({ name, help, type, samples }: Family): string {
  const full = type === 'counter' ? `${nameOf(name)}_total` : nameOf(name).replace(/_total$/, '');
  const lines = samples.map(({ labels, value }) => `${full}${labelsText(labels)} ${numberText(value)}\n`);
  return head(full, help, type) + lines.join('');
}

/** The lines of a histogram of seconds. */
export function histogramText({ name, help, bounds, cumulative, count, sum }: HistogramReading): string {
  const full = `${nameOf(name)}_seconds`;
  const buckets = bounds.map((bound, i) => `${full}_bucket{le="${bound}"} ${cumulative[i]}\n`);
  return [
    head(full, help, 'histogram'),
    ...buckets,
    `${full}_bucket{le="+Inf"} ${count}\n`,
    `${full}_sum ${numberText(sum)}\n`,
    `${full}_count ${count}\n`,
  ].join('');
}

function head(name: string, help: string, type: string): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${text}\n# TYPE ${name} ${type}\n`;
}

function nameOf(name: string): string {
  return `portico_${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`;
}

function labelsText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
