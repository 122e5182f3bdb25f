import { isDeepStrictEqual } from 'node:util';
import { CertificateAlarms, type Modules, type PeerAddress, PorticoError, systemClock } from '@portico/core';
import type { FastifyInstance } from 'fastify';
import { Admission } from './admission.js';
import { ApiListener } from './api-listener.js';
import { Applications, newSecret } from './applications.js';
import type { ManagementConfig } from './config.js';
import { Cursors } from './cursors.js';
import { DataFolder } from './data-folder.js';
import type { ApiContext, HubLog, ManagedHub } from './endpoint.js';
import { LOCAL_APPLICATION, pidNamespace, removeLocalAccess, writeLocalAccess } from './local-access.js';
import { EventLoopLag } from './prometheus/event-loop-lag.js';
import { GatewayTraffic } from './prometheus/gateway-traffic.js';
import { PrometheusPush } from './prometheus/push.js';
import { TopicMetrics } from './topic-metrics.js';
import { Traces } from './traces/traces.js';
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

interface Beside {
  start(): void;
  stop(): void;
}

/** The management API: an HTTP server that shows and changes the hub it runs beside. */
export class ManagementServer {
  readonly #options: ManagementOptions;
  readonly #applications: Applications;
  readonly #http: FastifyInstance;
  readonly #admission: Admission;
  readonly #context: ApiContext;
  readonly #listener: ApiListener;
  readonly #localSecret = newSecret();
  readonly #certificates: CertificateAlarms;
  /** What runs beside it, from {@link start} to {@link stop}. */
  readonly #beside: readonly Beside[];
  #push: PrometheusPush | undefined;
  #started = false;

  private constructor(
    options: ManagementOptions,
    applications: Applications,
    http: FastifyInstance,
    admission: Admission,
    context: ApiContext,
  ) {
    this.#options = options;
    this.#applications = applications;
    this.#http = http;
    this.#admission = admission;
    this.#context = context;
    this.#listener = context.listener;
    const { alarms, engine } = context.hub;
    this.#certificates = new CertificateAlarms(alarms, engine, () => [context.listener]);
    this.#beside = [this.#certificates, context.traces, new EventLoopLag(context.hub.metrics, systemClock)];
    this.#push = pushOf(context);
  }

  /**
   * Makes one; it does not listen before {@link start}.
   * @throws PorticoError (it rejects) when a file of `management.tls` is not good
   */
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
      listener: new ApiListener(config, clock, log),
      node,
      version,
      startedAt,
      turns: new Turns(),
      cursors: new Cursors(clock),
      applications,
      topicMetrics: new TopicMetrics(hub.engine),
      gatewayTraffic: new GatewayTraffic(),
      dataFolder: new DataFolder(options.dataDir),
      traces: new Traces({ dataDir: options.dataDir, wire: hub.wire, engine: hub.engine, log }),
      log,
      reloadCertificates: async () => [...(await hub.reloadCertificates()), ...(await server.reload())],
    };
    const http = createHttpServer(context, admission);
    const server = new ManagementServer(options, applications, http, admission, context);
    return server;
  }

  /** As listeners are named: `management:http`, `management:https`. */
  get name(): string {
    return this.#listener.name;
  }

  /** Where it listens, once started: with the real port where 0 was asked for. */
  get address(): PeerAddress {
    return this.#listener.address;
  }

  /** Listens, before the hub has started. @throws PorticoError `PORTICO_ERR_LISTEN` when it cannot */
  async start(): Promise<void> {
    await this.#listener.open(this.#http);
    await this.#makeApplications();
    for (const part of this.#beside) part.start();
    this.#push?.start();
    this.#started = true;
  }

  /** Goes by another configuration from now on; where it listens, how, and who may use it stay as they are. */
  adjust(config: ManagementConfig): void {
    const { prometheus } = this.#context.config;
    this.#context.config = config;
    this.#admission.adjust(config);
    this.#listener.adjust(this.#http, config);
    if (isDeepStrictEqual(prometheus, config.prometheus)) return;
    this.#push?.stop();
    this.#push = pushOf(this.#context);
    if (this.#started) this.#push?.start();
  }

  async stop(): Promise<void> {
    this.#started = false;
    this.#push?.stop();
    for (const part of this.#beside) part.stop();
    await removeLocalAccess(this.#options.dataDir);
    await this.#listener.close(this.#http);
  }

  /** Reads its certificates anew. @returns what was not good, which has been logged; what was read before stays in use */
  async reload(): Promise<readonly PorticoError[]> {
    const { log } = this.#options;
    try {
      this.#listener.reload(this.#http);
    } catch (error) {
      if (!(error instanceof PorticoError)) throw error;
      log.error({ code: error.code }, `${error.message}; what was read before stays in use`);
      return [error];
    }
    this.#certificates.look();
    await this.#openLocally();
    return [];
  }

  async #makeApplications(): Promise<void> {
    const { config, log, announce } = this.#options;
    const { default_application: application } = config;
    const made = await this.#applications.load(application, log);
    if (made !== undefined) {
      announce(`Management API: application ${application.id} has the secret ${made} (shown this once)`);
    }
    this.#applications.addOwn(LOCAL_APPLICATION, this.#localSecret);
    await this.#openLocally();
  }

  /** The command line need not be told the way, nor a secret, nor whom to trust. */
  async #openLocally(): Promise<void> {
    const { dataDir, log } = this.#options;
    const { url, certificate } = this.#listener;
    const { pid } = process;
    const access = { url, id: LOCAL_APPLICATION, secret: this.#localSecret, pid, certificate };
    try {
      await writeLocalAccess(dataDir, { ...access, pidNamespace: pidNamespace() });
    } catch (error) {
      log.warn({ err: error }, 'the command line needs --url and --app: node.data_dir cannot be written to');
    }
  }
}

function pushOf(context: ApiContext): PrometheusPush | undefined {
  const { push_gateway_server: server, interval } = context.config.prometheus;
  return server === undefined ? undefined : new PrometheusPush(context, server, interval);
}
