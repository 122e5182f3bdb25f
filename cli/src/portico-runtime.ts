import {
  type AdjustableKeys,
  type ConfigSourceOfHub,
  Hub,
  type LogLevel,
  MONITORING_SECTIONS,
  Modules,
  openStore,
  type PorticoError,
  type RootLogger,
} from '@portico/core';
import { ManagementServer } from '@portico/management';
import type { PorticoConfig } from './config-schema.js';
import { GATEWAYS } from './gateways.js';
import type { Runtime } from './lifecycle.js';
import { watchLog } from './log-watch.js';

/** The hub and its management API, which are started and stopped together. */
export class PorticoRuntime implements Runtime {
  readonly #hub: Hub;
  readonly #management: ManagementServer | undefined;

  private constructor(hub: Hub, management: ManagementServer | undefined) {
    this.#hub = hub;
    this.#management = management;
  }

  /**
   * @param source where changes at run time are checked and kept
   * @throws PorticoError when what the configuration names cannot be read, or the store cannot be opened
   */
  static async create(
    config: PorticoConfig,
    source: ConfigSourceOfHub,
    version: string,
    log: RootLogger,
  ): Promise<PorticoRuntime> {
    const { node, store, management } = config;
    const hub = await Hub.create({
      config,
      gateways: GATEWAYS,
      version,
      log,
      openStore: (services) => openStore(store, node.data_dir, services),
    });
    watchLog(hub, log);
    if (!management.enable) return new PorticoRuntime(hub, undefined);
    const server = await ManagementServer.create({
      config: management,
      hub,
      modules: new Modules(hub.modules.values(), source, adjustableKeys(hub, log, config.log.level)),
      node: node.name,
      version,
      dataDir: node.data_dir,
      log,
      announce: (line) => log.announce(line),
    });
    return new PorticoRuntime(hub, server);
  }

  get listeners(): Runtime['listeners'] {
    return this.#management === undefined ? this.#hub.listeners : [...this.#hub.listeners, this.#management];
  }

  /** The API first: it says meanwhile that the hub is starting. */
  async start(): Promise<void> {
    try {
      await this.#management?.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    try {
      await this.#hub.start();
    } catch (error) {
      await this.#management?.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#hub.stop();
    await this.#management?.stop();
  }

  async reload(): Promise<readonly PorticoError[]> {
    return [...(await this.#hub.reload()), ...((await this.#management?.reload()) ?? [])];
  }
}

/** What holds at once, beside the configuration of modules, when it is changed. @param level the one of the configuration */
function adjustableKeys(hub: Hub, log: RootLogger, level: LogLevel): AdjustableKeys {
  let configured = level;
  return {
    keys: ['log.level', ...MONITORING_SECTIONS],
    adjust(config) {
      hub.adjust(config);
      // Another change leaves the level that somebody has set until Portico stops.
      if (config.log.level !== configured) log.level = config.log.level;
      configured = config.log.level;
    },
  };
}
