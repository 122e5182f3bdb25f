import { Timer } from '@portico/core';
import type { Awaited } from './awaited.js';
import { Backlog } from './backlog.js';
import type { DeviceServices, Uplink } from './contract.js';

/** What a device does again and again. */
export interface Tasks<Report> {
  /** Looks at what there is to report. */
  gather(): Report;
  /** Sends a report. */
  report(report: Report): void;
  /** Sends a heartbeat. */
  beat(): void;
}

/** Milliseconds from one time to the next. */
export interface Intervals {
  readonly interval: number;
  readonly heartbeat: number;
}

/**
 * The reports and heartbeats of one device. Reports begin when it is in for the first time, and are gathered from then on,
 * whether it is in or not; heartbeats are sent while it is. The first of each comes at a time of its own.
 */
export class Routine<Report> {
  readonly #services: DeviceServices;
  readonly #awaited: Awaited<unknown>;
  readonly #tasks: Tasks<Report>;
  readonly #backlog: Backlog<Report>;
  readonly #reportTimer = new Timer(() => this.#report());
  readonly #heartbeatTimer = new Timer(() => this.#beat());
  #intervals: Intervals;
  /** While the device is in. */
  #uplink: Uplink | undefined;

  /** @param awaited messages of the device that the platform has to answer */
  constructor(
    services: DeviceServices,
    awaited: Awaited<unknown>,
    intervals: Intervals,
    tasks: Tasks<Report>,
  ) {
    this.#services = services;
    this.#awaited = awaited;
    this.#intervals = intervals;
    this.#tasks = tasks;
    this.#backlog = new Backlog(services.tally);
  }

  /** Whether the device is in. */
  get isIn(): boolean {
    return this.#uplink !== undefined;
  }

  /** Counts from the next report and heartbeat on. */
  set intervals(intervals: Intervals) {
    this.#intervals = intervals;
  }

  /** The platform has let the device in. @returns what it has gathered since it was in */
  enter(uplink: Uplink): Report[] {
    const { timers, random } = this.#services;
    const { interval, heartbeat } = this.#intervals;
    this.#uplink = uplink;
    uplink.accepted();
    timers.arm(this.#heartbeatTimer, random.between(0, heartbeat));
    if (!this.#reportTimer.armed) timers.arm(this.#reportTimer, random.between(0, interval));
    return this.#backlog.take();
  }

  /** The connection is gone. */
  exit(): void {
    this.#uplink = undefined;
    this.#awaited.giveUp();
    this.#services.timers.cancel(this.#heartbeatTimer);
  }

  /** Nothing more is reported. */
  stop(): void {
    this.#services.timers.cancel(this.#reportTimer);
    this.#services.timers.cancel(this.#heartbeatTimer);
  }

  #report(): void {
    this.#services.timers.arm(this.#reportTimer, this.#intervals.interval);
    this.#checkAnswers();
    const report = this.#tasks.gather();
    if (this.isIn) this.#tasks.report(report);
    else this.#backlog.keep(report);
  }

  #beat(): void {
    this.#checkAnswers();
    if (!this.isIn) return;
    this.#services.timers.arm(this.#heartbeatTimer, this.#intervals.heartbeat);
    this.#tasks.beat();
  }

  /** A platform that has answered nothing for long has lost the device, or the way to it. */
  #checkAnswers(): void {
    const uplink = this.#uplink;
    if (uplink === undefined || !this.#awaited.isPlatformSilent) return;
    this.#uplink = undefined;
    uplink.lost('no answers');
  }
}
