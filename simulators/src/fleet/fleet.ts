import { type Clock, Timer, type Timers } from '@portico/core';
import type { Connect, MakeDevice } from './contract.js';
import { Gate } from './gate.js';
import { Member } from './member.js';
import { Random } from './random.js';
import { Tally } from './tally.js';

/** Milliseconds that connections have to end when a fleet stops. */
const TIME_TO_STOP = 3_000;

export interface FleetOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly connect: Connect;
  readonly makeDevice: MakeDevice;
  /** How many devices. */
  readonly devices: number;
  /** Connections that are opened in a second, at most. */
  readonly connectRate: number;
  readonly seed: number;
}

/** Devices of one kind that connect to one platform, and come back when their connections are lost. */
export class Fleet {
  readonly tally = new Tally();
  readonly devices: number;
  readonly #timers: Timers;
  readonly #members: readonly Member[];
  readonly #killer = new Timer(() => this.kill());
  #left: number;
  #resolveStopped = () => {};
  /** Settles when a fleet that is to stop has no connections any more. */
  readonly stopped = new Promise<void>((resolve) => {
    this.#resolveStopped = resolve;
  });

  constructor({ clock, timers, connect, makeDevice, devices, connectRate, seed }: FleetOptions) {
    this.devices = devices;
    this.#left = devices;
    this.#timers = timers;
    const { tally } = this;
    const gate = new Gate(timers, clock, connectRate);
    const onStopped = () => this.#memberStopped();
    this.#members = Array.from({ length: devices }, (_, index) => {
      const services = { index, clock, timers, random: Random.forDevice(seed, index), tally };
      return new Member(services, gate, connect, makeDevice, onStopped);
    });
  }

  start(): void {
    for (const member of this.#members) member.start();
  }

  /** All devices take leave. Connections that do not end in time are ended. */
  stop(): void {
    this.#timers.arm(this.#killer, TIME_TO_STOP);
    for (const member of this.#members) member.stop();
  }

  /** Ends all connections at once. */
  kill(): void {
    for (const member of this.#members) member.kill();
  }

  #memberStopped(): void {
    this.#left--;
    if (this.#left > 0) return;
    this.#timers.cancel(this.#killer);
    this.#resolveStopped();
  }
}
