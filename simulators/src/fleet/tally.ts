import { Latencies } from './latencies.js';

/** What is counted of a fleet, all from the begin of the simulation on. */
const COUNTERS = [
  /** Logins that the platform has accepted. */
  'logins',
  /** Logins that the platform has refused. */
  'refused',
  /** Connections that were not opened, or ended before the platform had said anything about the login. */
  'failed',
  /** Connections that ended while the device was in. */
  'lost',
  /** Messages that the platform has to answer. */
  'sent',
  /** Those that it has answered. */
  'answered',
  /** Of the answered, those whose answer says that the message was not taken. */
  'rejected',
  /** Those that it has not answered in time, or before the connection was gone. */
  'unanswered',
  /** Commands of the platform. */
  'commands',
  /** Reports that a device without a connection could not keep for later. */
  'dropped',
] as const;

export type CounterName = (typeof COUNTERS)[number];
export type Counts = Readonly<Record<CounterName, number>>;

/** Different reasons that are told apart; all others are counted together. */
const MAX_REASONS = 20;
const OTHER_REASONS = 'others';

/** What a fleet does and what becomes of it, counted. */
export class Tally {
  readonly #counts: Record<CounterName, number>;
  readonly #reasons = new Map<string, number>();
  /** How long answers took, of the whole simulation and since the last look. */
  readonly latencies = new Latencies();
  readonly recentLatencies = new Latencies();
  /** Devices that are in. */
  connected = 0;

  constructor() {
    this.#counts = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<CounterName, number>;
  }

  get counts(): Counts {
    return { ...this.#counts };
  }

  /** How often a login was refused, or a connection failed or lost, for each reason. */
  get reasons(): ReadonlyMap<string, number> {
    return this.#reasons;
  }

  count(name: CounterName): void {
    this.#counts[name]++;
  }

  /** Counts with a reason. */
  problem(name: 'refused' | 'failed' | 'lost', reason: string): void {
    this.count(name);
    const text = `${name}: ${reason}`;
    const isTold = this.#reasons.has(text) || this.#reasons.size < MAX_REASONS;
    const key = isTold ? text : OTHER_REASONS;
    this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
  }

  /** @param milliseconds that the answer took */
  answered(milliseconds: number): void {
    this.count('answered');
    this.latencies.record(milliseconds);
    this.recentLatencies.record(milliseconds);
  }
}
