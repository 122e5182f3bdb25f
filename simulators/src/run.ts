import { type Clock, Timer, Timers } from '@portico/core';
import type { Connect } from './fleet/contract.js';
import { datagramConnect } from './fleet/datagram-link.js';
import { Fleet } from './fleet/fleet.js';
import { streamConnect } from './fleet/stream-link.js';
import { Observer, progressLine, summaryText } from './report.js';
import type { Simulation } from './simulator.js';

/** Milliseconds from one look at the fleet to the next. */
const LOOK = 1_000;
/** Goes to the begin of the line and empties it. */
const EMPTY_LINE = '\r\u001b[2K';

export interface RunOptions {
  readonly clock: Clock;
  readonly stdout: { readonly isTTY?: boolean; write(text: string): unknown };
  /** How connections are opened; as the options of the simulation say unless given. */
  readonly connect?: Connect;
}

/** A simulation that runs: for as long as its options say, or until it is told to stop. */
export class Run {
  readonly #common: Simulation['common'];
  readonly #stdout: RunOptions['stdout'];
  readonly #timers: Timers;
  readonly #fleet: Fleet;
  readonly #observer: Observer;
  readonly #lookTimer = new Timer(() => this.#look());
  readonly #endTimer = new Timer(() => this.stop());
  #isStopping = false;

  constructor({ common, makeDevice }: Simulation, { clock, stdout, connect }: RunOptions) {
    const { devices, connectRate, seed } = common;
    this.#common = common;
    this.#stdout = stdout;
    this.#timers = new Timers(clock, (error) => {
      throw error;
    });
    this.#fleet = new Fleet({
      clock,
      timers: this.#timers,
      connect: connect ?? connectOf(common),
      makeDevice,
      devices,
      connectRate,
      seed,
    });
    this.#observer = new Observer(this.#fleet, clock);
  }

  /** @returns the exit code, when it is over: 0, or 1 when the platform has not let in a single device */
  async finish(): Promise<number> {
    const { duration } = this.#common;
    this.#fleet.start();
    this.#timers.arm(this.#lookTimer, LOOK);
    if (duration !== undefined) this.#timers.arm(this.#endTimer, duration);
    await this.#fleet.stopped;
    this.#timers.stop();
    this.#summarize();
    return this.#fleet.tally.counts.logins > 0 ? 0 : 1;
  }

  /** All devices take leave; told once more, connections end at once. */
  stop(): void {
    if (this.#isStopping) this.#fleet.kill();
    else this.#fleet.stop();
    this.#isStopping = true;
  }

  #look(): void {
    this.#timers.arm(this.#lookTimer, LOOK);
    const progress = this.#observer.look();
    if (this.#common.json) this.#stdout.write(`${JSON.stringify({ type: 'progress', ...progress })}\n`);
    else if (this.#stdout.isTTY) this.#stdout.write(EMPTY_LINE + progressLine(progress));
  }

  #summarize(): void {
    const summary = this.#observer.summary();
    if (this.#common.json) {
      this.#stdout.write(`${JSON.stringify({ type: 'summary', ...summary })}\n`);
      return;
    }
    this.#stdout.write((this.#stdout.isTTY ? EMPTY_LINE : '') + summaryText(summary));
  }
}

function connectOf({ host, port, udp, tls, ca, cert, key, insecure }: Simulation['common']): Connect {
  if (udp) return datagramConnect({ host, port });
  return streamConnect({ host, port, ...(tls && { tls: { ca, cert, key, insecure } }) });
}
