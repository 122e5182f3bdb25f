import { Timer, type Timers } from '@portico/core';
import { TIME_SIZE } from './china-time.js';
import type { TerminalCommand } from './commands.js';

/** How commands are repeated. */
export interface RetryPolicy {
  /** Milliseconds. */
  readonly interval: number;
  readonly maxRetries: number;
  /** Commands that may wait while another one awaits its answer. */
  readonly maxQueued: number;
}

/** Where commands go. */
export interface CommandTarget {
  /** Sends it; the first time with the time of the hub as its own. */
  send(command: TerminalCommand, isRepetition: boolean): void;
  /** It was sent as often as it may be. */
  unanswered(command: TerminalCommand): void;
}

/** The commands of one VIN whose late answers are known as such. */
const MAX_EARLIER = 16;

/**
 * The commands of one VIN: one after the other, each sent again until it is answered. A terminal may answer each
 * repetition, and answers that come late must not count as those of the next command. Commands have no serial numbers,
 * but a terminal may repeat their time (GB/T 32960.3-2016 §6.3.2).
 */
export class CommandQueue extends Timer {
  readonly #timers: Timers;
  readonly #policy: RetryPolicy;
  readonly #target: CommandTarget;
  readonly #waiting: TerminalCommand[] = [];
  /** The last commands before this one, by {@link identityOf}. */
  readonly #earlier: string[] = [];
  #current: TerminalCommand | undefined;
  #retries = 0;

  constructor(timers: Timers, policy: RetryPolicy, target: CommandTarget) {
    super();
    this.#timers = timers;
    this.#policy = policy;
    this.#target = target;
  }

  /** Commands without an answer: the one on its way, and those that wait. */
  get size(): number {
    return this.#waiting.length + (this.#current === undefined ? 0 : 1);
  }

  /** @returns false when too many wait already */
  add(command: TerminalCommand): boolean {
    if (this.#current === undefined) {
      this.#begin(command);
      return true;
    }
    if (this.#waiting.length >= this.#policy.maxQueued) return false;
    this.#waiting.push(command);
    return true;
  }

  /**
   * The terminal has answered a command, whether it was this one's turn or not.
   * @param time of the answer, as it stands in a frame
   */
  answered(command: number, time: Buffer): void {
    const current = this.#current;
    if (current?.command !== command) return;
    const identity = identityOf(command, time);
    const isLate = identity !== identityOf(command, current.data) && this.#earlier.includes(identity);
    if (!isLate) this.#next();
  }

  /** An interval has passed without an answer. */
  override fire(): void {
    const command = this.#current;
    if (command === undefined) return;
    if (this.#retries === this.#policy.maxRetries) {
      this.#next();
      this.#target.unanswered(command);
      return;
    }
    this.#retries++;
    this.#timers.arm(this, this.#policy.interval);
    this.#target.send(command, true);
  }

  /** Ends it. @returns the commands that nobody has answered */
  clear(): TerminalCommand[] {
    this.#timers.cancel(this);
    const left = this.#current === undefined ? [] : [this.#current, ...this.#waiting];
    this.#current = undefined;
    this.#waiting.length = 0;
    return left;
  }

  #begin(command: TerminalCommand): void {
    this.#current = command;
    this.#retries = 0;
    this.#timers.arm(this, this.#policy.interval);
    this.#target.send(command, false);
  }

  #next(): void {
    this.#timers.cancel(this);
    if (this.#current !== undefined) this.#remember(this.#current);
    this.#current = undefined;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#begin(next);
  }

  #remember({ command, data }: TerminalCommand): void {
    this.#earlier.push(identityOf(command, data));
    if (this.#earlier.length > MAX_EARLIER) this.#earlier.shift();
  }
}

/** What tells commands of one VIN apart: their kind, and the time at which they were sent first. @param data begin with it */
function identityOf(command: number, data: Buffer): string {
  return `${command} ${data.toString('hex', 0, TIME_SIZE)}`;
}
