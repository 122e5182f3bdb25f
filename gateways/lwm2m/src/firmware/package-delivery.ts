import type { OutgoingRequest } from '@portico/coap-endpoint';
import { isPromise } from '@portico/core';
import { messageText } from '../commands/answers.js';
import { requestOf } from '../commands/build-request.js';
import type { Command, FirmwareOperation, Operation } from '../commands/command.js';
import type { CommandServices } from '../commands/command-services.js';
import { profileOf } from '../commands/device-profile.js';
import type { Device } from '../device.js';
import { FIRMWARE_PATH } from './firmware-resource.js';
import { PackageError } from './package-error.js';
import type { FirmwarePackage } from './package-store.js';

/** Milliseconds from one message about how far a package is to the next. */
const PROGRESS_INTERVAL = 5000;

/**
 * One package for one device: got when the turn of its command has come, and held until that is over; how far it is, is
 * told on the notify topic.
 */
export class PackageDelivery {
  readonly #device: Device;
  readonly #shared: CommandServices;
  readonly #command: Command;
  readonly #operation: FirmwareOperation;
  readonly #gotten: () => void;
  /** Why there is no package; told when the command's turn has come again. */
  #error: PackageError | undefined;
  #isAwaited = false;
  /** There from when it is gotten to the end of the command, however long the device sleeps in between. */
  #package: FirmwarePackage | undefined;
  #letGo: (() => void) | undefined;
  #isOver = false;
  #toldAt = Number.NEGATIVE_INFINITY;

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
    this.#command = command;
    this.#operation = operation;
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
    const now = this.#shared.clock.monotonic();
    if (sent < total && now - this.#toldAt < PROGRESS_INTERVAL) return;
    this.#toldAt = now;
    const { fields, reqPath } = this.#command;
    this.#device.publish('notify', messageText({ ...fields, data: { total, sent, reqPath } }));
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

  #write({ id, bytes }: FirmwarePackage): Extract<Operation, { type: 'write' | 'write-bytes' }> {
    const { path, object, mode } = this.#operation;
    if (mode === 'push') return { type: 'write-bytes', path: [...path, object.package], bytes };
    const uri = [...path, object.uri];
    const value = `${this.#shared.firmware.pullUri}/${FIRMWARE_PATH}/${id}`;
    return { type: 'write', path: uri, nodes: [{ path: uri, type: 'string', value }], partial: false };
  }
}
