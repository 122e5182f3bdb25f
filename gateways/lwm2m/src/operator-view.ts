import type { CommandView } from './commands/command-view.js';
import type { Device } from './device.js';
import type { DeviceRegistry } from './device-registry.js';
import type { LastValue } from './last-values.js';

/** A registered device, for people. */
export interface DeviceSummary {
  readonly endpoint: string;
  readonly lwm2m: string;
  /** Seconds. */
  readonly lifetime: number;
  readonly binding: string;
  readonly queueMode: boolean;
  /** Whether it is in queue mode and has not been heard for a while. */
  readonly asleep: boolean;
  /** Full name: `lwm2m:udp:default`. */
  readonly listener: string;
  readonly ip: string;
  readonly port: number;
  /** When it registered or updated last, in milliseconds since 1970. */
  readonly updatedAt: number;
  /** `/3/0`, in the order of the device. */
  readonly objects: readonly string[];
  /** Of objects, by their ids, where the device named them. */
  readonly versions: ReadonlyMap<number, string>;
}

/** The registered devices of a gateway as operators see them. */
export class OperatorView {
  readonly #registry: Pick<DeviceRegistry, 'devices' | 'isAsleep'>;

  constructor(registry: Pick<DeviceRegistry, 'devices' | 'isAsleep'>) {
    this.#registry = registry;
  }

  get size(): number {
    return this.#registry.devices.size;
  }

  /** In the order in which they came to be registered. */
  *summaries(): Generator<DeviceSummary> {
    for (const device of this.#registry.devices) yield this.#summary(device);
  }

  /** Undefined for a device that is not registered. */
  summary(endpoint: string): DeviceSummary | undefined {
    const device = this.#registry.devices.named(endpoint);
    return device && this.#summary(device);
  }

  /** What the resources of a device were when it told them last; undefined for a device that is not registered. */
  lastValues(endpoint: string): readonly LastValue[] | undefined {
    const device = this.#registry.devices.named(endpoint);
    return device && [...(device.values ?? [])];
  }

  /** The commands of a device, see {@link DeviceControl.commands}; undefined for one that is not registered. */
  commands(endpoint: string): readonly CommandView[] | undefined {
    return this.#registry.devices.named(endpoint)?.control?.commands;
  }

  #summary(device: Device): DeviceSummary {
    const { endpoint, registration, whereabouts, queueMode, updatedAt } = device;
    const { lwm2m, lifetime, binding = 'U', objects } = registration;
    return {
      endpoint,
      lwm2m,
      lifetime,
      binding,
      queueMode,
      asleep: this.#registry.isAsleep(device),
      listener: whereabouts.listener,
      ip: whereabouts.peer.host,
      port: whereabouts.peer.port,
      updatedAt,
      objects: objects.paths,
      versions: objects.versions,
    };
  }
}
