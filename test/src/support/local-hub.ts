import { configSchema, GATEWAYS, RESERVED_KEYS } from '@portico/cli';
import {
  type Clock,
  formatProblem,
  Hub,
  type Logger,
  loadConfig,
  MemoryStore,
  type Store,
  silentLogger,
  systemClock,
} from '@portico/core';
import { FREE_PORTS, namedGateways } from './configuration.js';

/** A hub in the test's own process, with real listeners, so that a test can look into it. */
export class LocalHub {
  readonly hub: Hub;

  private constructor(hub: Hub) {
    this.hub = hub;
  }

  /**
   * @param text the configuration in YAML, {@link FREE_PORTS} unless given; gateways that it does not name do not run
   * @param clock by which the hub measures time
   * @param store what it remembers things in; nothing survives it unless given
   */
  static async start(
    text: string = FREE_PORTS,
    log: Logger = silentLogger,
    clock: Clock = systemClock,
    store: Store = new MemoryStore(),
  ): Promise<LocalHub> {
    const result = loadConfig({
      schema: configSchema,
      text: namedGateways(text),
      env: {},
      reserved: RESERVED_KEYS,
    });
    if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
    const { config } = result;
    const openStore = async () => store;
    const hub = await Hub.create({ config, gateways: GATEWAYS, version: '1.2.3', log, clock, openStore });
    await hub.start();
    return new LocalHub(hub);
  }

  /** @param name full name: `mqtt:tcp:default` */
  port(name: string): number {
    const listener = this.#listener(name);
    return listener.address.port;
  }

  connections(name: string): number {
    return this.#listener(name).statistics.connections;
  }

  refused(name: string): Readonly<Record<string, number>> {
    return this.#listener(name).statistics.refused;
  }

  metric(name: string): number {
    return this.hub.metrics.get(name);
  }

  stop(): Promise<void> {
    return this.hub.stop();
  }

  #listener(name: string) {
    const listener = this.hub.listeners.find((candidate) => candidate.name === name);
    if (listener === undefined) throw new Error(`no listener ${name}`);
    return listener;
  }
}
