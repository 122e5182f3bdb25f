import { Timer } from '@portico/core';
import { isFrameError } from '@portico/frame';
import type { Connect, Device, DeviceServices, Link, LinkEvents, MakeDevice, Uplink } from './contract.js';
import type { Gate } from './gate.js';

/** Milliseconds that the platform has to let a device in, and to close a connection that the device has ended. */
const PATIENCE = 15_000;
/** Milliseconds before the first and, doubled each time, before the last of many attempts to come back. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/** One device of a fleet with its connections: one after the other, until it is to stop. */
export class Member {
  readonly #services: DeviceServices;
  readonly #gate: Gate;
  readonly #connect: Connect;
  readonly #onStopped: () => void;
  readonly #device: Device;
  readonly #timer = new Timer(() => this.#onTimer());
  readonly #open = () => this.#openLink();
  readonly #events: LinkEvents = {
    opened: () => this.#opened(),
    received: (bytes) => this.#received(bytes),
    closed: (reason) => this.#closed(reason),
  };
  #link: Link | undefined;
  /** The device knows of the link. */
  #isOpen = false;
  /** The platform has let it in. */
  #isIn = false;
  /** What has become of this connection is counted. */
  #isCounted = false;
  #isStopping = false;
  #pause = FIRST_PAUSE;

  /** @param onStopped is called once, when nothing of a member that is to stop is left */
  constructor(
    services: DeviceServices,
    gate: Gate,
    connect: Connect,
    makeDevice: MakeDevice,
    onStopped: () => void,
  ) {
    this.#services = services;
    this.#gate = gate;
    this.#connect = connect;
    this.#onStopped = onStopped;
    this.#device = makeDevice(services);
  }

  start(): void {
    this.#gate.enter(this.#open);
  }

  /** Takes leave of the platform. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#isCounted = true;
    this.#gate.leave(this.#open);
    this.#services.timers.cancel(this.#timer);
    this.#device.leave();
    if (this.#link === undefined) this.#onStopped();
    else if (this.#isOpen) this.#link.end();
    else this.#link.destroy();
  }

  /** Ends what is left of the connection at once. */
  kill(): void {
    this.#link?.destroy();
  }

  #openLink(): void {
    this.#isCounted = false;
    this.#services.timers.arm(this.#timer, PATIENCE);
    this.#link = this.#connect(this.#events);
  }

  /** Time for the next connection, or over for this one. */
  #onTimer(): void {
    if (this.#link === undefined) this.#gate.enter(this.#open);
    else this.#end('failed', 'no answer to the login');
  }

  #opened(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#isOpen = true;
    this.#device.opened(this.#uplink(link));
  }

  #uplink(link: Link): Uplink {
    return {
      send: (bytes) => link.send(bytes),
      accepted: () => this.#accepted(),
      refused: (reason) => this.#end('refused', reason),
      lost: (reason) => this.#end('lost', reason),
      hangUp: () => {
        this.#isCounted = true;
        this.#services.timers.arm(this.#timer, PATIENCE);
        link.end();
      },
    };
  }

  #accepted(): void {
    const { timers, tally } = this.#services;
    timers.cancel(this.#timer);
    this.#isIn = true;
    this.#pause = FIRST_PAUSE;
    tally.count('logins');
    tally.connected++;
  }

  #received(bytes: Buffer): void {
    if (!this.#isOpen) return;
    try {
      this.#device.received(bytes);
    } catch (error) {
      if (!isFrameError(error)) throw error;
      this.#end('lost', `what the platform sends is wrong: ${error.code}`);
    }
  }

  #end(what: 'refused' | 'failed' | 'lost', reason: string): void {
    if (!this.#isCounted) this.#services.tally.problem(what, reason);
    this.#isCounted = true;
    this.#link?.destroy();
  }

  #closed(reason: string): void {
    const { timers, tally } = this.#services;
    if (!this.#isCounted) tally.problem(this.#isIn ? 'lost' : 'failed', reason);
    if (this.#isIn) tally.connected--;
    if (this.#isOpen) this.#device.closed();
    this.#link = undefined;
    this.#isOpen = false;
    this.#isIn = false;
    if (this.#isStopping) this.#onStopped();
    else timers.arm(this.#timer, this.#nextPause());
  }

  /** Between half of the pause and all of it, so that those who were lost together do not come back together. */
  #nextPause(): number {
    const pause = this.#pause;
    this.#pause = Math.min(2 * pause, LONGEST_PAUSE);
    return this.#services.random.between(pause / 2, pause);
  }
}
