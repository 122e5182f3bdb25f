/** For tests of the API and of what asks it: a hub and its API, reached by real HTTP. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import {
  createLogger,
  type Listener,
  type LogFields,
  loadRules,
  Modules,
  PorticoError,
  silentLogger,
  WireTap,
} from '@portico/core';
import { TestHub, type TestHubOptions } from '@portico/core/testing';
import { type ManagementConfig, managementConfigSchema } from '../config.js';
import type { HubLog, ManagedGateway } from '../endpoint.js';
import { ManagementServer } from '../management-server.js';

/** What came of a request. */
export interface ApiResult {
  readonly status: number;
  readonly headers: Headers;
  /** The body, which is JSON. */
  readonly body: Body;
}

interface Body {
  readonly code: number;
  readonly message?: string;
  readonly warnings?: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as it comes
  readonly data?: any;
  readonly meta?: { page: number; limit: number; count: number; hasnext?: boolean; cursor?: string };
}

export const NODE = 'test@127.0.0.1';
/** Secret of the application `admin`. */
export const SECRET = 'open sesame';

/** What {@link TestApi} may be given in place of its defaults. */
export interface TestApiOptions extends TestHubOptions {
  readonly dataDir?: string;
  /** File with access rules, which are read only when the API is told to. */
  readonly aclFile?: string;
  /** None by default. */
  readonly gateways?: ReadonlyMap<string, ManagedGateway>;
}

/** Of a hub without gateways. */
const NO_MODULES = new Modules([], {
  draft: () => Promise.reject(new PorticoError('PORTICO_ERR_CHANGES', 'there is no configuration')),
  isAddition: async () => false,
  effectOf: () => 'at once',
});

/** A hub without connections and its API on a free port, asked by real HTTP; gone when the test is over. */
export class TestApi {
  readonly hub: TestHub;
  running = true;
  readonly wire: WireTap;
  readonly listeners: Listener[] = [];
  readonly gateways: ReadonlyMap<string, ManagedGateway>;
  /** Lines that were announced. */
  readonly announced: string[] = [];
  /** What was logged: messages and fields. */
  readonly lines: (LogFields & { readonly message: string })[] = [];
  /** `node.data_dir` */
  readonly dataDir: string;
  readonly #aclFile: string | undefined;
  #server: ManagementServer | undefined;

  private constructor(dataDir: string, options: TestApiOptions) {
    this.dataDir = dataDir;
    this.gateways = options.gateways ?? new Map();
    this.#aclFile = options.aclFile;
    this.hub = new TestHub(options);
    this.wire = new WireTap(this.hub.engine.clock);
  }

  /** @param config keys of `management` beside `bind` and the secret */
  static async start(config: object = {}, options: TestApiOptions = {}) {
    const api = new TestApi(options.dataDir ?? (await temporaryFolder()), options);
    const checked = managementConfigSchema.parse({
      bind: '127.0.0.1:0',
      default_application: { secret: SECRET },
      ...config,
    });
    await api.#start(checked);
    return api;
  }

  async #start(config: ManagementConfig): Promise<void> {
    const { engine, metrics, alarms } = this.hub;
    const isRunning = () => this.running;
    const hub = {
      engine,
      metrics,
      alarms,
      wire: this.wire,
      listeners: this.listeners,
      gateways: this.gateways,
      reloadCertificates: async () => [],
      reloadRules: async () => engine.access.setRules(await loadRules({ acl_file: this.#aclFile })),
      get running() {
        return isRunning();
      },
    };
    const log = this.#recorder();
    const announce = (line: string) => this.announced.push(line);
    this.#server = await ManagementServer.create({
      config,
      hub,
      modules: NO_MODULES,
      node: NODE,
      version: '1.2.3',
      dataDir: this.dataDir,
      log,
      announce,
    });
    after(() => this.stop());
    await this.#server.start();
  }

  get url(): string {
    return `${this.#server?.name.replace('management:', '')}://127.0.0.1:${this.#server?.address.port}`;
  }

  get port(): number {
    return this.#server?.address.port ?? 0;
  }

  /** Has it read its certificates anew. @returns messages of what was not good */
  async reload(): Promise<readonly string[]> {
    return ((await this.#server?.reload()) ?? []).map(({ message }) => message);
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** Asks below `/api/v4` as the default application. */
  get(path: string): Promise<ApiResult> {
    return this.ask('GET', path);
  }

  async ask(method: string, path: string, body?: unknown): Promise<ApiResult> {
    const response = await this.fetch(`/api/v4${path}`, {
      method,
      headers: { authorization: basic('admin', SECRET) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return { status, headers, body: (await response.json()) as Body };
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, init);
  }

  #recorder(): HubLog {
    const record = (fields: LogFields | string, message?: string) => {
      if (typeof fields === 'string') this.lines.push({ message: fields });
      else this.lines.push({ ...fields, message: message ?? '' });
    };
    const file = join(this.dataDir, 'log', 'portico.log');
    const root = createLogger({ level: 'info', format: 'text', file, output: { write() {} } });
    return {
      ...silentLogger,
      get level() {
        return root.level;
      },
      set level(level) {
        root.level = level;
      },
      get primaryLevel() {
        return root.primaryLevel;
      },
      set primaryLevel(level) {
        root.primaryLevel = level;
      },
      handlers: root.handlers,
      info: record,
      warn: record,
      error: record,
      isLevelEnabled: () => true,
    };
  }
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-management-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Gateways of these names that nobody is connected to; their clients may sleep. */
export function idleGateways(...names: readonly string[]): ReadonlyMap<string, ManagedGateway> {
  const past = { bytesReceived: 0, bytesSent: 0, framesReceived: 0, framesSent: 0 };
  const traffic = { past, present: [] };
  const definition = { states: ['asleep', 'awake'] };
  return new Map(names.map((name) => [name, { definition, instances: [], traffic, endings: new Map() }]));
}

/** The header of HTTP Basic authentication. */
export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}
