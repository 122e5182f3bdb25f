import { randomBytes } from 'node:crypto';
import type { Gauge } from '@portico/core';
import type { Device } from './device.js';

/** Bytes of a location: nobody guesses it, who knows it may move the device to another address. */
const LOCATION_SIZE = 6;

/** All registered devices of the gateway, by endpoint name and by location. */
export class DeviceIndex implements Iterable<Device> {
  readonly #byEndpoint = new Map<string, Device>();
  readonly #byLocation = new Map<string, Device>();
  readonly #gauge: Gauge;

  /** @param gauge counts the devices of all zones */
  constructor(gauge: Gauge) {
    this.#gauge = gauge;
  }

  get size(): number {
    return this.#byEndpoint.size;
  }

  /** In the order in which they came to be registered. */
  [Symbol.iterator](): IterableIterator<Device> {
    return this.#byEndpoint.values();
  }

  named(endpoint: string): Device | undefined {
    return this.#byEndpoint.get(endpoint);
  }

  at(location: string): Device | undefined {
    return this.#byLocation.get(location);
  }

  /** A location that no device has. */
  newLocation(): string {
    let location: string;
    do location = randomBytes(LOCATION_SIZE).toString('hex');
    while (this.#byLocation.has(location));
    return location;
  }

  add(device: Device): void {
    if (!this.#byEndpoint.has(device.endpoint)) this.#gauge.add(1);
    this.#byEndpoint.set(device.endpoint, device);
    this.#byLocation.set(device.location, device);
  }

  /** It has another location from now on. */
  relocate(device: Device, location: string): void {
    this.#byLocation.delete(device.location);
    device.location = location;
    this.#byLocation.set(location, device);
  }

  /** @returns whether it was there */
  remove(device: Device): boolean {
    if (this.#byEndpoint.get(device.endpoint) !== device) return false;
    this.#byEndpoint.delete(device.endpoint);
    this.#byLocation.delete(device.location);
    this.#gauge.add(-1);
    return true;
  }

  /** The gateway stops: they are registered still, but not here. */
  clear(): void {
    this.#gauge.add(-this.size);
    this.#byEndpoint.clear();
    this.#byLocation.clear();
  }
}
