import type { z } from 'zod';
import { formatAddress } from '../engine/client-info.js';
import type { GatewayDefinition } from '../gateway/contract.js';
import type { Listener } from '../listeners/connection.js';
import { PorticoError } from '../runtime/errors.js';
import type { Logger } from '../runtime/logger.js';
import { type GatewayConfig, gatewayConfigSchema } from './gateway-config.js';
import { GatewayRunner, type RunnerServices } from './gateway-runner.js';

/**
 * - `stopped`: it is not enabled, or the hub has not started or has stopped.
 * - `starting`, `stopping`: on the way.
 * - `running`: its listeners are open.
 * - `failed`: it is enabled, but could not be started; `error` says why.
 */
export type ModuleState = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed';

/** A listener of a gateway, open or not, as operators see it. */
export interface ListenerStatus {
  /** Full name: `mqtt:tcp:default`. */
  readonly name: string;
  /** Where it is asked to listen. */
  readonly bind: { readonly host: string; readonly port: number };
  /** Connections at a time. */
  readonly maxConnections: number;
  /** Whether the configuration has it opened when its gateway runs. */
  readonly enabled: boolean;
  /** Undefined while it is not open. */
  readonly listener: Listener | undefined;
  /** How many connections have ended since the hub started, by reason. */
  readonly endings: Readonly<Record<string, number>>;
}

/**
 * A gateway as operators see it: something that is enabled, disabled, restarted and changed while the hub runs. What is
 * asked of it is done one after the other. When it cannot be changed, it goes on by the configuration of before.
 */
export class GatewayModule {
  readonly definition: GatewayDefinition;
  readonly runner: GatewayRunner;
  readonly #log: Logger;
  #config: GatewayConfig;
  #state: ModuleState = 'stopped';
  #error: PorticoError | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(definition: GatewayDefinition, config: GatewayConfig, services: RunnerServices) {
    this.definition = definition;
    this.runner = new GatewayRunner(definition, config, services);
    this.#log = services.links.log.child({ gateway: definition.name });
    this.#config = config;
  }

  get name(): string {
    return this.definition.name;
  }

  /** Path of its section of the configuration. */
  get key(): string {
    return `gateways.${this.name}`;
  }

  /** Of that section. */
  get schema(): z.ZodType {
    return gatewayConfigSchema(this.definition);
  }

  /** By which it runs, or would. */
  get config(): GatewayConfig {
    return this.#config;
  }

  get enabled(): boolean {
    return this.#config.enable;
  }

  get state(): ModuleState {
    return this.#state;
  }

  /** Why it does not run, or what the last change failed by; undefined when the last thing asked of it was done. */
  get error(): PorticoError | undefined {
    return this.#error;
  }

  get listeners(): readonly ListenerStatus[] {
    const open = new Map(this.runner.listeners.map((listener) => [listener.name, listener]));
    return this.runner.plans.map(({ name, config }) => ({
      name,
      bind: config.bind,
      maxConnections: config.max_connections,
      enabled: config.enable,
      listener: open.get(name),
      endings: Object.fromEntries(this.runner.endings.get(name) ?? []),
    }));
  }

  /** Starts it, if it is enabled. @throws PorticoError when it cannot be; nothing of it runs then */
  start(): Promise<void> {
    return this.#inTurn(() => (this.enabled ? this.#start() : undefined));
  }

  /** Stops it and starts it again, if it is enabled. @throws PorticoError when it cannot be started */
  restart(): Promise<void> {
    return this.#atRunTime(() =>
      this.#openAgain(async () => {
        await this.#stop();
        if (this.enabled) await this.#start();
      }),
    );
  }

  /** Closes a listener with its connections and opens it again. @param name full name */
  restartListener(name: string): Promise<void> {
    return this.#atRunTime(() => this.#openAgain(() => this.runner.restartListener(name)));
  }

  /**
   * Takes on another configuration: starts, stops, or changes what differs, see {@link GatewayRunner.change}.
   * @throws PorticoError when that cannot be done; it goes on by the configuration of before, as far as that still can be
   */
  change(config: GatewayConfig): Promise<void> {
    return this.#atRunTime(async () => {
      const before = this.#config;
      try {
        await this.#become(config);
      } catch (error) {
        this.#tell('warn', error, 'the change failed; what was before goes on');
        await this.#become(before).catch((again: unknown) => {
          this.#tell('error', again, 'what was before the change cannot go on');
        });
        throw error;
      }
    });
  }

  /** Stops it for ever, whatever is being done with it. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.runner.close();
    this.#state = 'stopped';
  }

  /** What is closed by it and cannot be opened again stays closed, which is told. */
  async #openAgain(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#tell('error', error, 'the restart failed');
      throw error;
    }
  }

  /** What an operator can put right is told in a line; anything else is a bug. */
  #tell(level: 'warn' | 'error', error: unknown, what: string): void {
    if (error instanceof PorticoError) this.#log[level]({ code: error.code }, `${what}: ${error.message}`);
    else this.#log.error({ err: error }, what);
  }

  async #become(config: GatewayConfig): Promise<void> {
    this.#config = config;
    if (!config.enable) await this.#stop();
    await this.runner.change(config);
    if (config.enable) await this.#start();
  }

  async #start(): Promise<void> {
    this.#state = 'starting';
    try {
      await this.runner.start();
      this.#state = this.runner.running ? 'running' : 'stopped';
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }

  async #stop(): Promise<void> {
    this.#state = 'stopping';
    await this.runner.stop();
    this.#state = 'stopped';
  }

  /** Does what an operator asks, and tells which listeners it has closed and opened. */
  #atRunTime(act: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.runner.listeners;
      try {
        await act();
      } finally {
        this.#tellListeners(before, this.runner.listeners);
      }
    });
  }

  #tellListeners(before: readonly Listener[], after: readonly Listener[]): void {
    for (const listener of before) {
      if (!after.includes(listener)) this.#log.info({ listener: listener.name }, 'listener closed');
    }
    for (const listener of after) {
      if (before.includes(listener)) continue;
      const address = formatAddress(listener.address);
      this.#log.info({ listener: listener.name, address }, 'listener opened');
    }
  }

  /** Does something when all that was asked before is done; nothing when it is closed by then. */
  #inTurn(act: () => Promise<void> | undefined): Promise<void> {
    const done = this.#last.then(async () => {
      if (this.#closed) return;
      try {
        await act();
        this.#error = undefined;
      } catch (error) {
        if (error instanceof PorticoError) this.#error = error;
        throw error;
      }
    });
    this.#last = done.catch(() => {});
    return done;
  }
}
