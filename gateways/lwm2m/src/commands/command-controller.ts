import type { GatewayContext, MaybePromise } from '@portico/core';
import type { Device } from '../device.js';
import type { Controller } from '../device-control.js';
import type { Firmware } from '../firmware/firmware.js';
import { ObservationStore } from '../observe/observation-store.js';
import { TokenTable } from '../observe/token-table.js';
import { CommandStore } from '../queue/command-store.js';
import { CommandControl } from './command-control.js';
import type { CommandServices, CommandSettings } from './command-services.js';
import { commandCounters } from './counters.js';
import { profileOf, type TypeSource } from './device-profile.js';

/** Commands and observations of all devices of a gateway. */
export class CommandController implements Controller {
  readonly #shared: CommandServices;

  /** @param types the object model */
  constructor(context: GatewayContext, settings: CommandSettings, types: TypeSource, firmware: Firmware) {
    this.#shared = {
      settings,
      clock: context.clock,
      timers: context.timers,
      log: context.log,
      counters: commandCounters(context.metrics),
      types,
      store: new CommandStore(context.storage),
      observations: new ObservationStore(context.storage),
      tokens: new TokenTable(),
      firmware,
    };
  }

  control(device: Device): CommandControl {
    // Left by a hub that fell while it forgot a device.
    this.forget(device.endpoint);
    return new CommandControl(device, this.#shared);
  }

  restore(device: Device): MaybePromise<CommandControl> {
    const { store, observations } = this.#shared;
    const { endpoint } = device;
    if (store.has(endpoint) || observations.has(endpoint)) return this.#remember(device);
    return new CommandControl(device, this.#shared);
  }

  async #remember(device: Device): Promise<CommandControl> {
    const { types, store, observations } = this.#shared;
    const { typeOf } = profileOf(device.registration, types);
    const remembered = {
      commands: await store.take(device.endpoint),
      observations: await observations.load(device.endpoint, typeOf),
    };
    return new CommandControl(device, this.#shared, remembered);
  }

  forget(endpoint: string): void {
    this.#shared.store.discard(endpoint);
    this.#shared.observations.forget(endpoint);
  }

  observer(token: Buffer): Device | undefined {
    return this.#shared.tokens.find(token);
  }
}
