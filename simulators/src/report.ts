import { type Clock, quantity } from '@portico/core';
import type { Fleet } from './fleet/fleet.js';
import type { Counts } from './fleet/tally.js';

/** What a fleet does at one time. */
export interface Progress {
  /** Seconds since the begin. */
  readonly seconds: number;
  readonly devices: number;
  /** Those that are in. */
  readonly connected: number;
  /** A second, since the last look. */
  readonly sentRate: number;
  readonly answeredRate: number;
  /** Milliseconds that an answer took since the last look: the median, and what 99 of 100 do not exceed; null without answers. */
  readonly p50: number | null;
  readonly p99: number | null;
  /** Since the begin. */
  readonly counts: Counts;
}

/** All of a simulation that is over. */
export interface Summary extends Omit<Progress, 'connected'> {
  /** How often a login was refused, or a connection failed or lost, for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Looks at a fleet again and again. */
export class Observer {
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #start: number;
  #lookedAt: number;
  #before: Counts;

  constructor(fleet: Fleet, clock: Clock) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#start = clock.monotonic();
    this.#lookedAt = this.#start;
    this.#before = fleet.tally.counts;
  }

  look(): Progress {
    const { devices, tally } = this.#fleet;
    const { counts, connected, recentLatencies } = tally;
    const now = this.#clock.monotonic();
    const seconds = (now - this.#lookedAt) / 1000;
    const progress = {
      seconds: rounded((now - this.#start) / 1000),
      devices,
      connected,
      ...rates(counts, this.#before, seconds),
      p50: shortened(recentLatencies.percentile(0.5)),
      p99: shortened(recentLatencies.percentile(0.99)),
      counts,
    };
    recentLatencies.reset();
    this.#lookedAt = now;
    this.#before = counts;
    return progress;
  }

  summary(): Summary {
    const { devices, tally } = this.#fleet;
    const { counts, latencies, reasons } = tally;
    const seconds = (this.#clock.monotonic() - this.#start) / 1000;
    return {
      seconds: rounded(seconds),
      devices,
      ...rates(counts, undefined, seconds),
      p50: shortened(latencies.percentile(0.5)),
      p99: shortened(latencies.percentile(0.99)),
      counts,
      reasons: Object.fromEntries(reasons),
    };
  }
}

function rates(counts: Counts, before: Counts | undefined, seconds: number) {
  const rate = (name: 'sent' | 'answered') =>
    seconds > 0 ? rounded((counts[name] - (before?.[name] ?? 0)) / seconds) : 0;
  return { sentRate: rate('sent'), answeredRate: rate('answered') };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** One line, for people. */
export function progressLine(progress: Progress): string {
  const { seconds, devices, connected, sentRate, answeredRate, p50, p99, counts } = progress;
  const { refused, failed, lost, commands } = counts;
  return [
    `${Math.round(seconds)} s`,
    `connected ${connected}/${devices}`,
    `refused ${refused}`,
    `failed ${failed}`,
    `lost ${lost}`,
    `sent ${Math.round(sentRate)}/s`,
    `answered ${Math.round(answeredRate)}/s`,
    `p50 ${millisecondsText(p50)}`,
    `p99 ${millisecondsText(p99)}`,
    `commands ${commands}`,
  ].join('  ');
}

/** Several lines, for people. */
export function summaryText({ seconds, devices, sentRate, p50, p99, counts, reasons }: Summary): string {
  const { logins, refused, failed, lost, sent, answered, rejected, unanswered, commands, dropped } = counts;
  const lines = [
    `${quantity(devices, 'device')}, ${seconds} s`,
    `logins       ${logins} accepted, ${refused} refused`,
    `connections  ${failed} failed, ${lost} lost`,
    `messages     ${sent} sent (${sentRate}/s), ${answered} answered, ${rejected} of them rejected, ${unanswered} unanswered`,
    `answers      p50 ${millisecondsText(p50)}, p99 ${millisecondsText(p99)}`,
    `commands     ${commands}`,
    ...(dropped > 0 ? [`dropped      ${quantity(dropped, 'report')} while there was no connection`] : []),
    ...Object.entries(reasons).map(([reason, count]) => `${reason}: ${count}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Two digits: a percentile is not known more exactly. */
function shortened(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : Number(milliseconds.toPrecision(2));
}

function millisecondsText(milliseconds: number | null): string {
  return milliseconds === null ? '-' : `${milliseconds} ms`;
}
