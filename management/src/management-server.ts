import type { AddressInfo } from 'node:net';
import { type Logger, listenError, type Modules, type PeerAddress, systemClock } from '@portico/core';
import type { FastifyInstance } from 'fastify';
import { Admission } from './admission.js';
import { Applications, newSecret } from './applications.js';
import type { ManagementConfig } from './config.js';
import { Cursors } from './cursors.js';
import { DataFolder } from './data-folder.js';
import type { ApiContext, HubLog, ManagedHub } from './endpoint.js';
import { LOCAL_APPLICATION, removeLocalAccess, writeLocalAccess } from './local-access.js';
import { EventLoopLag } from './prometheus/event-loop-lag.js';
import { PrometheusPush } from './prometheus/push.js';
import { TopicMetrics } from './topic-metrics.js';
import { Turns } from './turns.js';

export interface ManagementOptions {
  readonly config: ManagementConfig;
  readonly hub: ManagedHub;
  /** What of the hub can be changed while it runs. */
  readonly modules: Modules;
  /** Name of this node: `portico@127.0.0.1`. */
  readonly node: string;
  /** `1.2.3` */
  readonly version: string;
  /** `node.data_dir`: where the command line looks for the way here. */
  readonly dataDir: string;
  readonly log: HubLog;
  /** Writes a line whatever the log level. */
  readonly announce: (line: string) => void;
}

/** The management API: an HTTP server that shows and changes the hub it runs beside. */
export class ManagementServer {
  /** As listeners are named. */
  readonly name = 'management:http';
  readonly #options: ManagementOptions;
  readonly #applications: Applications;
  readonly #http: FastifyInstance;
  /** What runs beside it, from {@link start} to {@link stop}. */
  readonly #beside: readonly { start(): void; stop(): void }[];
  #address: PeerAddress;

  private constructor(
    options: ManagementOptions,
    applications: Applications,
    http: FastifyInstance,
    context: ApiContext,
  ) {
    this.#options = options;
    this.#applications = applications;
    this.#http = http;
    this.#beside = besides(context);
    this.#address = options.config.bind;
  }

  /** Makes one; it does not listen before {@link start}. */
  static async create(options: ManagementOptions): Promise<ManagementServer> {
    // Loading Fastify takes as long as all else together, which commands that start nothing need not wait for.
    const { createHttpServer } = await import('./http-server.js');
    const { hub, modules, config, node, version, log } = options;
    const { clock } = hub.engine;
    const applications = new Applications(hub.engine.store, clock);
    const admission = new Admission(applications, config, clock, log);
    const startedAt = clock.monotonic();
    const context: ApiContext = {
      hub,
      modules,
      config,
      node,
      version,
      startedAt,
      turns: new Turns(),
      cursors: new Cursors(clock),
      applications,
      topicMetrics: new TopicMetrics(hub.engine),
      dataFolder: new DataFolder(options.dataDir),
      log,
    };
    return new ManagementServer(options, applications, createHttpServer(context, admission), context);
  }

  /** Where it listens, once started: with the real port where 0 was asked for. */
  get address(): PeerAddress {
    return this.#address;
  }

  /** Listens, before the hub has started. @throws PorticoError `PORTICO_ERR_LISTEN` when it cannot */
  async start(): Promise<void> {
    await this.#listen();
    await this.#makeApplications();
    for (const part of this.#beside) part.start();
  }

  async stop(): Promise<void> {
    for (const part of this.#beside) part.stop();
    await removeLocalAccess(this.#options.dataDir);
    await this.#http.close();
  }

  async #listen(): Promise<void> {
    const { bind } = this.#options.config;
    try {
      await this.#http.listen(bind);
    } catch (error) {
      throw listenError(this.name, bind, 'management.bind', error);
    }
    const { address, port } = this.#http.server.address() as AddressInfo;
    this.#address = { host: address, port };
  }

  async #makeApplications(): Promise<void> {
    const { config, dataDir, log, announce } = this.#options;
    const { default_application: application } = config;
    const made = await this.#applications.load(application, log);
    if (made !== undefined) {
      announce(`Management API: application ${application.id} has the secret ${made} (shown this once)`);
    }
    await this.#openLocally(dataDir, log);
  }

  /** The command line need not be told the way, nor a secret. */
  async #openLocally(dataDir: string, log: Logger): Promise<void> {
    const secret = newSecret();
    this.#applications.addOwn(LOCAL_APPLICATION, secret);
    try {
      await writeLocalAccess(dataDir, { url: this.#url(), id: LOCAL_APPLICATION, secret });
    } catch (error) {
      log.warn({ err: error }, 'the command line needs --url and --app: node.data_dir cannot be written to');
    }
  }

  /** How this machine reaches it. */
  #url(): string {
    const { host, port } = this.#address;
    if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
    if (host === '::') return `http://[::1]:${port}`;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }
}

function besides(context: ApiContext) {
  const { hub, config } = context;
  const { push_gateway_server: server, interval } = config.prometheus;
  const lag = new EventLoopLag(hub.metrics, systemClock);
  return server === undefined ? [lag] : [lag, new PrometheusPush(context, server, interval)];
}
