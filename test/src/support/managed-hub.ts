import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { GATEWAYS, RuntimeConfig } from '@portico/cli';
import { Hub, type Logger, MemoryStore, Modules, silentLogger } from '@portico/core';
import { FREE_PORTS, namedGateways } from './configuration.js';

/** A hub in the test's own process, whose modules can be changed; gone when the tests of a file are over. */
export class ManagedHub {
  readonly hub: Hub;
  readonly modules: Modules;
  /** What it has changed of the configuration, and nothing else, is in here. */
  readonly folder: string;
  /** Its configuration file. */
  readonly file: string;

  private constructor(hub: Hub, modules: Modules, folder: string, file: string) {
    this.hub = hub;
    this.modules = modules;
    this.folder = folder;
    this.file = file;
  }

  /** @param text the configuration in YAML; gateways that it does not name do not run */
  static async start(
    text: string = FREE_PORTS,
    env: NodeJS.ProcessEnv = {},
    log: Logger = silentLogger,
  ): Promise<ManagedHub> {
    const folder = mkdtempSync(join(tmpdir(), 'portico-modules-'));
    const file = join(folder, 'portico.yaml');
    writeFileSync(file, namedGateways(text));
    const source = new RuntimeConfig(file, env, folder);
    const { config } = await source.draft([]);
    const openStore = async () => new MemoryStore();
    const options = { config, gateways: GATEWAYS, version: '1.2.3', log, openStore };
    const hub = await Hub.create(options);
    after(async () => {
      await hub.stop();
      rmSync(folder, { recursive: true });
    });
    await hub.start();
    return new ManagedHub(hub, new Modules(hub.modules.values(), source, hub.sections), folder, file);
  }

  /** @throws Error when the hub has none of that name */
  module(name: string) {
    const module = this.modules.get(name);
    if (module === undefined) throw new Error(`no module ${name}`);
    return module;
  }

  /** @param name full name. @throws Error when the configuration has none of that name */
  listener(name: string) {
    const found = this.modules.listeners().find(({ status }) => status.name === name);
    if (found === undefined) throw new Error(`no listener ${name}`);
    return found;
  }

  /** The port of a listener that is open. */
  port(name: string): number {
    const { status } = this.listener(name);
    if (status.listener === undefined) throw new Error(`${name} is not open`);
    return status.listener.address.port;
  }
}
