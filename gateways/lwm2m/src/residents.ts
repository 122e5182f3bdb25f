import type { Device } from './device.js';

/** The devices behind one address: mostly one, for which a set would be large. */
export class Residents implements Iterable<Device> {
  /** Undefined for none; the set, once there have been two. */
  #devices: Device | Set<Device> | undefined;

  get size(): number {
    if (this.#devices === undefined) return 0;
    return this.#devices instanceof Set ? this.#devices.size : 1;
  }

  /** The one device there is; undefined when there is none, or there are several. */
  get only(): Device | undefined {
    if (!(this.#devices instanceof Set)) return this.#devices;
    if (this.#devices.size !== 1) return undefined;
    const [only] = this.#devices;
    return only;
  }

  add(device: Device): void {
    if (this.#devices instanceof Set) this.#devices.add(device);
    else if (this.#devices === undefined) this.#devices = device;
    else if (this.#devices !== device) this.#devices = new Set([this.#devices, device]);
  }

  delete(device: Device): void {
    if (this.#devices instanceof Set) this.#devices.delete(device);
    else if (this.#devices === device) this.#devices = undefined;
  }

  /** As they are now, in the order in which they came. */
  [Symbol.iterator](): Iterator<Device> {
    const devices = this.#devices instanceof Set ? [...this.#devices] : [this.#devices];
    return devices.filter((device) => device !== undefined).values();
  }
}
