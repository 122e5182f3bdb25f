import type { Clock } from '@portico/core';
import { type Answered, messageText } from '../commands/answers.js';
import type { Device } from '../device.js';

/** Milliseconds from one message about how far a package is to the next. */
const INTERVAL = 5000;

/** Tells on the notify topic how far a package is on its way to one device. */
export class PackageProgress {
  readonly device: Device;
  readonly #command: Answered;
  readonly #clock: Clock;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** @param command of which the messages are */
  constructor(device: Device, { fields, reqPath }: Answered, clock: Clock) {
    this.device = device;
    this.#command = { fields, reqPath };
    this.#clock = clock;
  }

  /** The device has been sent so many bytes out of `total`. */
  tell(sent: number, total: number): void {
    const now = this.#clock.monotonic();
    if (sent < total && now - this.#toldAt < INTERVAL) return;
    this.#toldAt = now;
    const { fields, reqPath } = this.#command;
    this.device.publish('notify', messageText({ ...fields, data: { total, sent, reqPath } }));
  }
}
