import type { DetachReason, GatewayContext } from '@portico/core';
import type { Lwm2mMetrics } from './counters.js';
import { Deadlines } from './deadlines.js';
import type { Device, DeviceChannel } from './device.js';
import type { RegistrationEnd } from './device-control.js';
import type { DeviceHandler, DeviceHandlerOwner } from './device-handler.js';
import { DeviceIndex } from './device-index.js';
import { DeviceRecords } from './device-records.js';
import { ObjectLists } from './object-lists.js';

/** Why the session of a device is over, as operators see it. */
const CLOSE_REASONS: Readonly<Record<RegistrationEnd, string>> = {
  deregistered: 'normal',
  expired: 'lifetime_expired',
  removed: 'removed',
};

/** Requests to register by one endpoint name that are under way. */
interface Entering {
  count: number;
  /** Whether no device of the name was there when the first of them came. */
  readonly isNew: boolean;
  /** Whether whoever had the name has lost the session to one of them. */
  displaced: boolean;
}

/** The registered devices: how long they are, where they are, and what is remembered of them. */
export class DeviceRegistry implements DeviceHandlerOwner {
  readonly devices: DeviceIndex;
  readonly records: DeviceRecords;
  /** What the devices list: each list once, for however many devices. */
  readonly objectLists = new ObjectLists();
  readonly #context: GatewayContext;
  readonly #metrics: Lwm2mMetrics;
  readonly #lifetimes: Deadlines<Device>;
  readonly #awakeTime: number;
  /** By endpoint name. */
  readonly #entering = new Map<string, Entering>();
  #newcomers = 0;
  #stopped = false;

  /** @param awakeTime milliseconds that a device in queue mode is awake after it was heard */
  constructor(context: GatewayContext, metrics: Lwm2mMetrics, awakeTime: number) {
    this.#context = context;
    this.#metrics = metrics;
    this.#awakeTime = awakeTime;
    this.devices = new DeviceIndex(metrics.devices);
    this.records = new DeviceRecords(context);
    this.#lifetimes = new Deadlines(context, (device) => this.end(device, 'expired'));
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** How many devices there will be when a device of that name, too, and all who are about to, have registered. */
  sizeWith(endpoint: string): number {
    const isNew = this.devices.named(endpoint) === undefined && !this.#entering.has(endpoint);
    return this.devices.size + this.#newcomers + (isNew ? 1 : 0);
  }

  /** Somebody asks to be registered by that name, until {@link entered}. */
  entering(endpoint: string): void {
    const entering = this.#entering.get(endpoint);
    if (entering !== undefined) {
      entering.count++;
      return;
    }
    const isNew = this.devices.named(endpoint) === undefined;
    if (isNew) this.#newcomers++;
    this.#entering.set(endpoint, { count: 1, isNew, displaced: false });
  }

  /** That was done, or refused: a device that lost its session to it, and is not there anew, is gone. */
  entered(endpoint: string): void {
    const entering = this.#entering.get(endpoint);
    if (entering === undefined || --entering.count > 0) return;
    this.#entering.delete(endpoint);
    if (entering.isNew) this.#newcomers--;
    const device = this.devices.named(endpoint);
    if (device !== undefined && device.session === undefined && entering.displaced) {
      this.end(device, 'removed');
    }
  }

  /** A device lives for its lifetime from now on. */
  renew(device: Device): void {
    device.updatedAt = this.#context.clock.now();
    this.live(device, device.registration.lifetime * 1000);
  }

  /** A device lives so long from now on. @param left milliseconds */
  live(device: Device, left: number): void {
    device.deadline = this.#context.clock.monotonic() + left;
    this.#lifetimes.watch(device);
  }

  /**
   * A device has spoken, and is reached there from now on.
   * @returns whether that is elsewhere than before
   */
  hear(device: Device, channel: DeviceChannel): boolean {
    if (device.channel === channel) return false;
    const { listener, peer } = device.whereabouts;
    device.moveTo(channel);
    const now = channel.info;
    if (now.listener === listener && now.peer.host === peer.host && now.peer.port === peer.port) return false;
    this.#counters['devices.moved'].value++;
    return true;
  }

  /** A registration is over. */
  end(device: Device, reason: RegistrationEnd): void {
    const { session } = device;
    this.#forget(device, reason);
    if (session === undefined) return;
    session.setSessionExpiry(0);
    session.close(CLOSE_REASONS[reason]);
  }

  #forget(device: Device, reason: RegistrationEnd): void {
    if (!this.devices.remove(device)) return;
    this.#lifetimes.forget(device);
    this.records.forget(device);
    // What waits for it is answered while it can still publish.
    device.control?.ended(reason);
    device.control = undefined;
    device.session = undefined;
    device.moveTo(undefined);
    this.#counters[`registrations.${reason}`].value++;
  }

  isAsleep({ queueMode, lastHeard }: Device): boolean {
    if (!queueMode) return false;
    return lastHeard === undefined || this.#context.clock.monotonic() - lastHeard >= this.#awakeTime;
  }

  /** A device without a session is registered no more, unless it is about to have another one, or the hub stops. */
  detaching({ device }: DeviceHandler, reason: DetachReason): void {
    if (device === undefined || reason === 'server_shutdown') return;
    if (reason !== 'taken_over') device.session?.setSessionExpiry(0);
    else if (this.#entering.has(device.endpoint)) return;
    this.#forget(device, 'removed');
  }

  detached({ device }: DeviceHandler, reason: DetachReason): void {
    if (device === undefined) return;
    device.session = undefined;
    const entering = reason === 'taken_over' ? this.#entering.get(device.endpoint) : undefined;
    if (entering !== undefined) entering.displaced = true;
  }

  /** The gateway stops: the devices are registered still when it starts again. */
  stop(): void {
    this.#stopped = true;
    this.#lifetimes.stop();
    for (const device of this.devices) {
      device.control?.stop();
      device.session?.close('server_shutdown');
      device.session = undefined;
    }
    this.devices.clear();
  }

  get #counters() {
    return this.#metrics.counters;
  }
}
