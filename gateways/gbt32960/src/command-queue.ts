import { Timer, type Timers } from '@portico/core';
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
export interface CommandLine {
  send(command: TerminalCommand, isRepetition: boolean): void;
  /** It was sent as often as it may be. */
  unanswered(command: TerminalCommand): void;
}

/** The commands of one VIN: one after the other, each sent again until it is answered. */
export class CommandQueue extends Timer {
  readonly #timers: Timers;
  readonly #policy: RetryPolicy;
  readonly #line: CommandLine;
  readonly #waiting: TerminalCommand[] = [];
  #current: TerminalCommand | undefined;
  #retries = 0;

  constructor(timers: Timers, policy: RetryPolicy, line: CommandLine) {
    super();
    this.#timers = timers;
    this.#policy = policy;
    this.#line = line;
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

  /** The terminal has answered a command, whether it was this one's turn or not. */
  answered(command: number): void {
    if (this.#current?.command === command) this.#next();
  }

  /** An interval has passed without an answer. */
  override fire(): void {
    const command = this.#current;
    if (command === undefined) return;
    if (this.#retries === this.#policy.maxRetries) {
      this.#next();
      this.#line.unanswered(command);
      return;
    }
    this.#retries++;
    this.#timers.arm(this, this.#policy.interval);
    this.#line.send(command, true);
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
    this.#line.send(command, false);
  }

  #next(): void {
    this.#timers.cancel(this);
    this.#current = undefined;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#begin(next);
  }
}
