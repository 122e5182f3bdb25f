import {
  type ConfigSection,
  type ConfigSourceOfHub,
  configSection,
  fixedSection,
  Hub,
  isWithin,
  Modules,
  openStore,
  PorticoError,
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
  readonly #modules: Modules;
  readonly #log: RootLogger;

  private constructor(hub: Hub, management: ManagementServer | undefined, modules: Modules, log: RootLogger) {
    this.#hub = hub;
    this.#management = management;
    this.#modules = modules;
    this.#log = log;
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
    let server: ManagementServer | undefined;
    const modules = new Modules(hub.modules.values(), source, [
      fixedSection('node', node),
      logSection(config.log, log),
      fixedSection('store', store),
      ...hub.sections,
      configSection('management', management, (changed) => () => server?.adjust(changed)),
    ]);
    if (!management.enable) return new PorticoRuntime(hub, undefined, modules, log);
    server = await ManagementServer.create({
      config: management,
      hub,
      modules,
      node: node.name,
      version,
      dataDir: node.data_dir,
      log,
      announce: (line) => log.announce(line),
    });
    return new PorticoRuntime(hub, server, modules, log);
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
    return [
      ...(await this.#reloadConfig()),
      ...(await this.#modules.inTurn(() => this.#hub.reload())),
      ...((await this.#management?.reload()) ?? []),
    ];
  }

  /** A configuration that is wrong changes nothing, and holds up none of the files that it names. */
  async #reloadConfig(): Promise<readonly PorticoError[]> {
    try {
      const { changed, pending, faults, warnings } = await this.#modules.reloadAll();
      if (changed.length > 0) this.#log.info({ sections: changed.join(' ') }, 'configuration taken on');
      if (pending.length > 0) this.#log.warn({ keys: pending.join(' ') }, 'configuration needs a restart');
      for (const warning of warnings) this.#log.warn(warning);
      return faults;
    } catch (error) {
      if (!(error instanceof PorticoError)) throw error;
      this.#log.error({ code: error.code }, `the configuration is not taken on: ${error.message}`);
      return [error];
    }
  }
}

/** The section of the log. */
function logSection(config: PorticoConfig['log'], log: RootLogger): ConfigSection {
  let { level } = config;
  return configSection('log', config, (changed, given) => {
    const takeOn = log.prepare(changed);
    return () => {
      takeOn();
      // A change of something else leaves the level that somebody has set until Portico stops.
      const isGiven = given.some((path) => isWithin(['log', 'level'], path));
      if (isGiven || changed.level !== level) log.level = changed.level;
      level = changed.level;
    };
  });
}
