import type { AccessConfig } from '../access/access-config.js';
import { createAccessControl, loadRules } from '../access/create-access-control.js';
import { PskLookup, readPskFile } from '../access/psk-lookup.js';
import type { Alarms } from '../alarms/alarms.js';
import type { BrokerConfig } from '../engine/broker-config.js';
import { Engine } from '../engine/engine.js';
import { Hooks } from '../engine/hooks.js';
import type { GatewayDefinition } from '../gateway/contract.js';
import type { LinkServices } from '../gateway/link-services.js';
import { FlushQueue } from '../gateway/outbox.js';
import { PendingBytes } from '../gateway/pending-bytes.js';
import { WireTap } from '../gateway/wire-tap.js';
import type { Listener } from '../listeners/connection.js';
import { type Clock, systemClock } from '../runtime/clock.js';
import { PorticoError } from '../runtime/errors.js';
import { LineLimits } from '../runtime/line-limit.js';
import type { Logger } from '../runtime/logger.js';
import { Metrics } from '../runtime/metrics.js';
import { Timers } from '../runtime/timers.js';
import type { StoreServices } from '../store/log/log-store.js';
import { MemoryStore } from '../store/memory-store.js';
import type { Store } from '../store/store.js';
import { SysPublisher } from '../sys/sys-publisher.js';
import { SysTopics } from '../sys/sys-topics.js';
import type { ConfigSection } from './config-section.js';
import type { GatewayConfig } from './gateway-config.js';
import { GatewayModule } from './gateway-module.js';
import type { GatewayRunner, RunnerServices } from './gateway-runner.js';
import { hubSections } from './hub-sections.js';
import { Monitoring, type MonitoringConfig } from './monitoring.js';

/** The configuration of a hub, checked. */
export interface HubConfig extends MonitoringConfig {
  readonly node: { readonly name: string };
  readonly access: AccessConfig;
  readonly broker: BrokerConfig;
  /** By gateway name. */
  readonly gateways: Readonly<Record<string, GatewayConfig>>;
}

export interface HubOptions {
  readonly config: HubConfig;
  /** All gateways there are; the configuration says which of them run. */
  readonly gateways: readonly GatewayDefinition[];
  /** Version of the hub, as it is told to others: `1.2.3`. */
  readonly version: string;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Opens what the hub keeps its memory in, which it closes in the end; in memory when it is not given. */
  readonly openStore?: (services: StoreServices) => Promise<Store>;
}

/**
 * A whole hub in one object: the engine, what it stands on, and the gateways. Several can live in one process
 * (tests do).
 */
export class Hub {
  readonly metrics: Metrics;
  readonly engine: Engine;
  /** For operators who watch frames. */
  readonly wire: WireTap;
  /** What of the configuration beside `gateways` it takes on changes of while it runs. */
  readonly sections: readonly ConfigSection[];
  readonly #log: Logger;
  /** Where the access rules come from; nothing else of the section is kept, for its passwords. */
  #rules: Pick<AccessConfig, 'acl' | 'acl_file'>;
  readonly #psk: PskLookup;
  /** By name; what the configuration does not enable, too. */
  readonly modules: ReadonlyMap<string, GatewayModule>;
  readonly #sysTopics: SysTopics;
  readonly #monitoring: Monitoring;
  #running = false;
  #stopped = false;

  private constructor(options: HubOptions, services: HubServices) {
    const { config, gateways, version, log } = options;
    const { engine, metrics } = services;
    const { name: node } = config.node;
    const publisher = new SysPublisher(engine, node);
    this.#log = log;
    this.#rules = rulesOf(config.access);
    this.#psk = services.psk;
    this.engine = engine;
    this.metrics = metrics;
    this.wire = services.links.wire;
    this.#sysTopics = new SysTopics({ engine, metrics, publisher, node, version });
    this.#monitoring = new Monitoring(config, { engine, publisher, log, listeners: () => this.listeners });
    const runnerServices: RunnerServices = { node, ...services };
    const modules = gateways.flatMap((definition) => {
      const section = config.gateways[definition.name];
      return section === undefined ? [] : [new GatewayModule(definition, section, runnerServices)];
    });
    this.modules = new Map(modules.map((module) => [module.name, module]));
    this.sections = this.#sectionsOf(config, services.links.pending);
  }

  #sectionsOf(config: HubConfig, pending: PendingBytes): readonly ConfigSection[] {
    return hubSections(config, {
      engine: this.engine,
      pending,
      sysTopics: this.#sysTopics,
      monitoring: this.#monitoring,
      psk: this.#psk,
      runners: () => this.gateways.values(),
      rulesFrom: (access) => {
        this.#rules = rulesOf(access);
      },
    });
  }

  /**
   * Makes a hub; nothing runs before {@link start}.
   * @throws PorticoError when the access rules or the pre-shared keys cannot be read, or the store cannot be opened
   */
  static async create(options: HubOptions): Promise<Hub> {
    return new Hub(options, await createServices(options));
  }

  /** Whether it has started and has not been told to stop: what it shows of itself is complete. */
  get running(): boolean {
    return this.#running;
  }

  /** What needs an operator. */
  get alarms(): Alarms {
    return this.#monitoring.alarms;
  }

  /** All listeners that accept at present. */
  get listeners(): Listener[] {
    return [...this.modules.values()].flatMap(({ runner }) => [...runner.listeners]);
  }

  /** All gateways there are, by name, whether they run or not. */
  get gateways(): ReadonlyMap<string, GatewayRunner> {
    return new Map([...this.modules.values()].map(({ name, runner }) => [name, runner]));
  }

  /** Returns early when it is stopped meanwhile. @throws PorticoError when a gateway cannot start; nothing runs then */
  async start(): Promise<void> {
    try {
      await this.engine.start();
      if (this.#stopped) return;
      this.#sysTopics.start();
      for (const module of this.modules.values()) {
        await module.start();
        if (this.#stopped) return;
      }
      this.#monitoring.start();
      this.#running = true;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Says goodbye to all peers and stops everything, also what is only starting. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#running = false;
    this.engine.stop();
    await Promise.all([...this.modules.values()].map((module) => module.close()));
    this.#sysTopics.stop();
    this.#monitoring.stop();
    this.engine.timers.stop();
    await this.engine.store.close();
  }

  /**
   * Reads anew the files that the configuration names: certificates, private keys, authorities, revocation
   * lists, pre-shared keys, access rules, and those of gateways. New connections and decisions use what they say,
   * connections live on. A file that is not good is logged, and what was read before stays in use. To be called
   * `Modules.inTurn`.
   * @returns what was not good
   */
  async reload(): Promise<readonly PorticoError[]> {
    return await this.#readAnew(this.#reloadable());
  }

  /**
   * Reads anew what TLS and DTLS listeners work with: certificates, private keys, authorities, revocation lists. New
   * connections use what they say, those there are live on. A file that is not good is logged, and the old one holds.
   * @returns what was not good
   */
  async reloadCertificates(): Promise<readonly PorticoError[]> {
    return await this.#readAnew(this.listeners.map((listener) => () => listener.reload()));
  }

  async #readAnew(pieces: Iterable<() => void | Promise<void>>): Promise<readonly PorticoError[]> {
    const faults: PorticoError[] = [];
    for (const piece of pieces) {
      try {
        await piece();
      } catch (error) {
        if (!(error instanceof PorticoError)) throw error;
        faults.push(error);
        this.#log.error({ code: error.code }, `${error.message}; what was read before stays in use`);
      }
    }
    this.#monitoring.certificates.look();
    return faults;
  }

  /**
   * Reads `access.acl_file` anew. Decisions by the rules of before are forgotten. To be called `Modules.inTurn`.
   * @throws PorticoError when the file is not good, or none is configured; what was read before stays in use
   */
  async reloadRules(): Promise<void> {
    const from = this.#rules;
    if (from.acl_file === undefined)
      throw new PorticoError('PORTICO_ERR_ACL_FILE', 'access.acl_file names none');
    this.engine.access.setRules(await loadRules(from));
  }

  /** What {@link reload} reads, each for itself. */
  *#reloadable(): Generator<() => void | Promise<void>> {
    yield () => this.#psk.reload();
    if (this.#rules.acl_file !== undefined) yield () => this.reloadRules();
    for (const listener of this.listeners) yield () => listener.reload();
    for (const { instancesInUse } of this.gateways.values()) {
      for (const gateway of instancesInUse) yield () => gateway.reload?.();
    }
  }
}

interface HubServices {
  readonly psk: PskLookup;
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly links: LinkServices;
}

async function createServices(options: HubOptions): Promise<HubServices> {
  const { config, log, clock = systemClock } = options;
  const metrics = new Metrics();
  const timers = new Timers(clock, (error) => log.error({ err: error }, 'timer failed'));
  const hooks = new Hooks((point, hook, error) => log.error({ point, hook, err: error }, 'hook failed'));
  const access = await createAccessControl(config.access, { hooks, metrics, clock, log });
  const psk = new PskLookup(await readPskFile(config.access), access, clock);
  const store = (await options.openStore?.({ clock, timers, metrics, log })) ?? new MemoryStore();
  const engine = new Engine({ config: config.broker, access, hooks, store, clock, timers, metrics, log });
  return { engine, metrics, links: linkServices(engine, metrics), psk };
}

function rulesOf({ acl, acl_file }: AccessConfig): Pick<AccessConfig, 'acl' | 'acl_file'> {
  return { acl, acl_file };
}

function linkServices(engine: Engine, metrics: Metrics): LinkServices {
  const { clock, timers, store, backpressure, log } = engine;
  return {
    clock,
    timers,
    log,
    faultLines: new LineLimits(log, clock),
    store,
    backpressure,
    flushQueue: new FlushQueue(),
    pending: new PendingBytes(
      engine.config.max_pending_bytes,
      metrics.gauge('bytes.pending', 'bytes that wait to be written to peers'),
      metrics.counter('bytes.pending.exceeded', 'times that more waited than broker.max_pending_bytes'),
      log,
    ),
    wire: new WireTap(clock),
    counters: {
      bytesReceived: metrics.counter('bytes.received', 'bytes received from peers'),
      bytesSent: metrics.counter('bytes.sent', 'bytes sent to peers'),
      frameErrors: metrics.counter('frames.malformed', 'inputs that were not a frame of their protocol'),
      datagramsDropped: {
        busy: metrics.counter(
          'datagrams.dropped.busy',
          'datagrams dropped because earlier ones of their peer were still being handled',
        ),
        rate: metrics.counter(
          'datagrams.dropped.rate',
          'datagrams dropped because their peer sends more than bytes_rate or messages_rate',
        ),
      },
    },
  };
}
