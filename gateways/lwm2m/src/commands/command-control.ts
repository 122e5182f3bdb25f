import type { CoapRequest, Response } from '@portico/coap-endpoint';
import type { CoapMessage } from '@portico/codec-coap';
import type { Device } from '../device.js';
import type { DeviceControl, Registered } from '../device-control.js';
import { pathsToObserve } from '../observe/auto-observe.js';
import { DeviceNotifications } from '../observe/device-notifications.js';
import type { Observation } from '../observe/observation.js';
import { takeSend } from '../observe/send.js';
import type { StoredCommand } from '../queue/command-store.js';
import { CommandEntrance } from './command-entrance.js';
import { CommandRunner } from './command-runner.js';
import type { CommandServices } from './command-services.js';
import type { CommandView } from './command-view.js';

/** What was stored of a device when the hub started. */
export interface Remembered {
  readonly commands: readonly StoredCommand[];
  readonly observations: Observation[];
}

/** Commands and observations of one device; what a device has none of is not made. */
export class CommandControl implements DeviceControl {
  readonly #device: Device;
  readonly #shared: CommandServices;
  #notifications: DeviceNotifications | undefined;
  #runner: CommandRunner | undefined;
  #entrance: CommandEntrance | undefined;
  /** Until the device is restored. */
  #remembered: readonly StoredCommand[] | undefined;

  constructor(device: Device, shared: CommandServices, remembered?: Remembered) {
    this.#device = device;
    this.#shared = shared;
    if (remembered === undefined) return;
    if (remembered.commands.length > 0) this.#remembered = remembered.commands;
    const { observations } = remembered;
    if (observations.length > 0) this.#notifications = new DeviceNotifications(device, shared, observations);
  }

  get commands(): CommandView[] {
    return this.#runner?.views ?? [];
  }

  accept(topic: string, payload: Buffer, expiresAt: number): void {
    // What came before the hub was started anew goes before what comes now.
    this.#resumeRemembered();
    this.#opened().accept(topic, payload, expiresAt);
  }

  /**
   * A device that registers has no observations: those that it had are over (LwM2M 1.2 §6.4). With other objects than
   * before it is another device, and commands were not meant for it.
   */
  registered(how: Registered): void {
    if (how === 'restored') {
      this.#resumeRemembered();
      return;
    }
    this.#notifications?.clear();
    if (how === 'changed') this.#drop();
    else this.#resumeRemembered();
    this.#autoObserve();
    this.#runner?.pump();
  }

  updated(objects: boolean): void {
    if (objects) this.#autoObserve();
    this.#runner?.pump();
  }

  heard(): void {
    this.#runner?.pump();
  }

  notified(message: CoapMessage): void {
    if (this.#notifications?.take(message) === true) return;
    this.#runner?.answeredLate(message.token, message);
  }

  sent(request: CoapRequest): Response {
    return takeSend(this.#device, request, this.#shared);
  }

  ended(): void {
    this.#drop();
    this.#notifications?.clear();
  }

  stop(): void {
    this.#runner?.stop();
  }

  #drop(): void {
    const commands = this.#remembered ?? [];
    this.#remembered = undefined;
    for (const stored of commands) this.#opened().drop(stored);
    this.#runner?.drop();
  }

  #resumeRemembered(): void {
    const commands = this.#remembered ?? [];
    this.#remembered = undefined;
    for (const stored of commands) this.#opened().restore(stored);
  }

  #autoObserve(): void {
    const { auto_observe } = this.#shared.settings;
    for (const path of pathsToObserve(auto_observe, this.#device.registration.objects.paths)) {
      if (this.#notifications?.observes(path) === true || this.#runner?.isToObserve(path) === true) continue;
      this.#opened().take({ fields: { msgType: 'observe' }, data: { path } }, Number.POSITIVE_INFINITY);
    }
  }

  /** Where commands come in: made, with all that is behind it, for the first one. */
  #opened(): CommandEntrance {
    if (this.#entrance !== undefined) return this.#entrance;
    this.#notifications ??= new DeviceNotifications(this.#device, this.#shared);
    this.#runner = new CommandRunner(this.#device, this.#shared, this.#notifications);
    this.#entrance = new CommandEntrance(this.#device, this.#shared, this.#runner, this.#notifications);
    return this.#entrance;
  }
}
