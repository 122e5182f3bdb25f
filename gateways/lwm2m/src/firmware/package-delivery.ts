import type { OutgoingRequest } from '@portico/coap-endpoint';
import { isPromise } from '@portico/core';
import { requestOf } from '../commands/build-request.js';
import type { Command, FirmwareOperation, Operation } from '../commands/command.js';
import type { CommandServices } from '../commands/command-services.js';
import { profileOf } from '../commands/device-profile.js';
import type { Device } from '../device.js';
import { FIRMWARE_PATH } from './firmware-resource.js';
import { PackageError } from './package-error.js';
import { PackageProgress } from './package-progress.js';
import type { FirmwarePackage } from './package-store.js';

/**
 * One package for one device: got when the turn of its command has come, and held until that is over.
 */
export class PackageDelivery {
  readonly #device: Device;
  readonly #shared: CommandServices;
  readonly #operation: FirmwareOperation;
  readonly #progress: PackageProgress;
  readonly #gotten: () => void;
  /** Why there is no package; told when the command's turn has come again. */
  #error: PackageError | undefined;
  #isAwaited = false;
  /** There from when it is gotten to the end of the command, however long the device sleeps in between. */
  #package: FirmwarePackage | undefined;
  #letGo: (() => void) | undefined;
  #isOver = false;

  /** @param gotten called when a package that was not there at first is there, or will not come */
  constructor(
    device: Device,
    shared: CommandServices,
    command: Command,
    operation: FirmwareOperation,
    gotten: () => void,
  ) {
    this.#device = device;
    this.#shared = shared;
    this.#operation = operation;
    this.#progress = new PackageProgress(device, command, shared.clock);
    this.#gotten = gotten;
  }

  /**
   * What the device is to be sent; undefined while the package is being downloaded.
   * @throws PackageError where it cannot be had
   */
  request(): OutgoingRequest | undefined {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
    const found = this.#package ?? this.#shared.firmware.packages.get(this.#operation.source);
    if (isPromise(found)) {
      this.#await(found);
      return undefined;
    }
    if (this.#package === undefined) this.#hold(found);
    return requestOf(profileOf(this.#device.registration, this.#shared.types), this.#write(found));
  }

  /** The device has taken so many bytes out of `total`. */
  progress(sent: number, total: number): void {
    this.#progress.tell(sent, total);
  }

  /** The command is over. */
  over(): void {
    this.#isOver = true;
    this.#letGo?.();
    this.#letGo = undefined;
    this.#package = undefined;
  }

  #hold(found: FirmwarePackage): void {
    this.#package = found;
    this.#letGo = this.#shared.firmware.store.hold(found);
  }

  #await(pending: Promise<FirmwarePackage>): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    const failed = (error: unknown) => {
      this.#error = error instanceof PackageError ? error : new PackageError(String(error));
    };
    pending
      .then((found) => {
        if (!this.#isOver) this.#hold(found);
      }, failed)
      .then(() => {
        this.#isAwaited = false;
        this.#gotten();
      });
  }

  #write({ id, bytes, fetchers }: FirmwarePackage): Extract<Operation, { type: 'write' | 'write-bytes' }> {
    const { path: instance, object, mode } = this.#operation;
    if (mode === 'push') return { type: 'write-bytes', path: [...instance, object.package], bytes };
    const uri = [...instance, object.uri];
    const path = [FIRMWARE_PATH, id, fetchers.add(this.#progress)].join('/');
    const value = `${this.#shared.firmware.pullUri}/${path}`;
    return { type: 'write', path: uri, nodes: [{ path: uri, type: 'string', value }], partial: false };
  }
}
