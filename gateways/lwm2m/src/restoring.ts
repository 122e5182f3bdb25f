import {
  type ConnectResult,
  formatAddress,
  type GatewayContext,
  isPromise,
  type MaybePromise,
  Timer,
} from '@portico/core';
import type { Lwm2mChannel } from './channel.js';
import type { Lwm2mMetrics } from './counters.js';
import { Device, type DeviceServices, type Whereabouts } from './device.js';
import type { Controller } from './device-control.js';
import { DeviceHandler } from './device-handler.js';
import type { RememberedDevice } from './device-records.js';
import type { DeviceRegistry } from './device-registry.js';
import type { DeviceTopics } from './device-topics.js';
import type { Logins } from './logins.js';
import { registrationOf } from './registration.js';

/** Devices whose sessions are made at a time. */
const SLICE = 200;
/** Milliseconds until the next ones. */
const PAUSE = 10;

/** What devices are restored with. */
export interface RestoringServices {
  readonly context: GatewayContext;
  readonly metrics: Lwm2mMetrics;
  readonly registry: DeviceRegistry;
  readonly logins: Logins;
  readonly controller: Controller;
  readonly topics: DeviceTopics;
  readonly devices: DeviceServices;
}

/** Takes up the devices that were registered before the hub started, and their sessions. */
export class Restoring extends Timer {
  readonly #services: RestoringServices;
  /** Whose sessions are to be made. */
  #waiting: Device[] = [];
  /** Those that have not been heard since, by where they were. */
  readonly #unheard = new Map<string, Device[]>();
  /** Whose sessions are being made. */
  readonly #attaching = new Map<Device, Promise<boolean>>();

  constructor(services: RestoringServices) {
    super();
    this.#services = services;
  }

  /**
   * Reads what is remembered of the devices of some listeners, and forgets those whose time is over and that are of no
   * listener any more.
   * @param listeners their full names
   * @param others full names of those of other zones
   */
  async load(listeners: readonly string[], others: readonly string[]): Promise<void> {
    const { registry, context, metrics } = this.#services;
    const strange = (count: number) => {
      context.log.warn({ count }, 'registrations of LwM2M devices that are not understood are left alone');
    };
    let forgotten = 0;
    for await (const remembered of registry.records.load(strange)) {
      const { listener } = remembered.whereabouts;
      if (listeners.includes(listener)) {
        await this.#restore(remembered);
        metrics.counters['registrations.restored'].value++;
      } else if (remembered.left <= 0 && !others.includes(listener)) {
        this.#forget(remembered);
        forgotten++;
      }
    }
    if (forgotten === 0) return;
    context.log.info(
      { count: forgotten },
      'expired LwM2M registrations of listeners that are gone: forgotten',
    );
  }

  #forget(remembered: RememberedDevice): void {
    const { registry, controller } = this.#services;
    registry.records.forget(remembered);
    controller.forget(remembered.endpoint);
  }

  async #restore(remembered: RememberedDevice): Promise<void> {
    const { registry, controller, devices } = this.#services;
    const device = new Device(remembered, devices);
    const { registration } = device;
    device.registration = registrationOf(registration, registry.objectLists.shared(registration.objects));
    device.updatedAt = remembered.updatedAt;
    device.control = await controller.restore(device);
    registry.devices.add(device);
    registry.live(device, remembered.left);
    device.storedDeadline = device.deadline;
    // A DTLS session does not outlive the hub: whoever is at that address now has to show who it is.
    if (device.owner === undefined) this.#expect(device);
  }

  #expect(device: Device): void {
    const address = addressOf(device.whereabouts);
    const others = this.#unheard.get(address);
    if (others === undefined) this.#unheard.set(address, [device]);
    else others.push(device);
  }

  /** Somebody speaks from where no device is known to be: whoever was there when the hub stopped is there still. */
  arrived(channel: Lwm2mChannel): void {
    if (this.#unheard.size === 0) return;
    const address = addressOf(channel.info);
    for (const device of this.#unheard.get(address) ?? []) {
      const { devices } = this.#services.registry;
      if (device.channel === undefined && devices.named(device.endpoint) === device) device.moveTo(channel);
    }
    this.#unheard.delete(address);
  }

  /** A listener is open: the sessions of its devices are made, some at a time. @param listener full name */
  begin(listener: string): void {
    const { devices } = this.#services.registry;
    const own = [...devices].filter((device) => device.whereabouts.listener === listener);
    this.#waiting = this.#waiting.concat(own);
    if (!this.armed) this.fire();
  }

  override fire(): void {
    const { registry, context } = this.#services;
    for (const device of this.#waiting.splice(0, SLICE)) {
      // It may be over by now.
      if (registry.devices.named(device.endpoint) === device) this.attachSoon(device);
    }
    if (this.#waiting.length > 0) context.timers.arm(this, PAUSE);
  }

  /** As {@link attach}, for who need not know when it is done. */
  attachSoon(device: Device): void {
    const attached = this.attach(device);
    if (!isPromise(attached)) return;
    const { log } = this.#services.context;
    attached.catch((err: unknown) =>
      log.error({ clientid: device.endpoint, err }, 'restoring a device failed'),
    );
  }

  stop(): void {
    this.#waiting = [];
    this.#services.context.timers.cancel(this);
  }

  /** Sees to it that a device has a session. @returns whether it has; one that may not is registered no more */
  attach(device: Device): MaybePromise<boolean> {
    if (device.session !== undefined) return true;
    const attaching = this.#attaching.get(device);
    if (attaching !== undefined) return attaching;
    const { registry, logins } = this.#services;
    const handler = new DeviceHandler(registry, device.whereabouts.peer);
    const result = logins.reconnect(device, handler);
    if (result === undefined) return false;
    if (!isPromise(result)) return this.#attached(device, handler, result);
    const attached = result
      .then((settled) => this.#attached(device, handler, settled))
      .finally(() => this.#attaching.delete(device));
    this.#attaching.set(device, attached);
    return attached;
  }

  #attached(device: Device, handler: DeviceHandler, result: ConnectResult): boolean {
    const { registry } = this.#services;
    if (!result.ok || handler.lost) {
      // Unless it has registered anew meanwhile.
      if (device.session === undefined) registry.end(device, 'removed');
      return device.session !== undefined;
    }
    const { session } = result;
    const isThere = registry.devices.named(device.endpoint) === device;
    if (registry.stopped || !isThere || device.session !== undefined) {
      session.close(registry.stopped ? 'server_shutdown' : 'removed');
      return isThere;
    }
    handler.device = device;
    device.session = session;
    this.#services.topics.subscribe(device);
    session.resume();
    device.control?.registered('restored');
    return true;
  }
}

function addressOf({ listener, peer }: Whereabouts): string {
  return `${listener} ${formatAddress(peer)}`;
}
