import type { Clock, Timers } from '@portico/core';
import type { FirmwareOperation } from '../commands/command.js';
import { CommandError } from '../commands/command-error.js';
import { allowedUrl } from './allowed-url.js';
import type { FirmwareConfig } from './firmware-config.js';
import { PackageStore } from './package-store.js';
import { Packages } from './packages.js';

/** New software for all devices of a gateway. */
export class Firmware {
  readonly store: PackageStore;
  readonly packages: Packages;
  readonly #config: FirmwareConfig;

  constructor(config: FirmwareConfig, clock: Clock, timers: Timers) {
    const maxBytes = Math.max(config.max_total_size, config.max_size);
    this.#config = config;
    this.store = new PackageStore({ maxBytes, expiry: config.expiry }, clock, timers);
    this.packages = new Packages(config, this.store, timers);
  }

  /** Where devices reach the gateway, without a slash at the end. */
  get pullUri(): string {
    return this.#config.pull_uri ?? '';
  }

  /** @returns the operation with its URL resolved @throws CommandError for one that the configuration does not allow */
  checked(operation: FirmwareOperation): FirmwareOperation {
    const { mode, source } = operation;
    if (mode === 'pull' && this.#config.pull_uri === undefined) {
      throw new CommandError('devices cannot fetch packages here: firmware.pull_uri is not configured');
    }
    if (!('url' in source)) return operation;
    const url = allowedUrl(source.url, this.#config.urls);
    if (url === undefined) throw new CommandError('url has to begin with one of firmware.urls');
    return { ...operation, source: { url } };
  }

  close(): void {
    this.packages.close();
    this.store.close();
  }
}
