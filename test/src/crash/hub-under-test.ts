import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Portico } from '../support/portico.js';

/** Keys of the section `store` of the configuration. */
export type StoreKeys = Readonly<Record<string, string | number>>;

/** A hub that is started again and again on the same folder. */
export class HubUnderTest {
  readonly folder: string;
  #process: Portico | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<HubUnderTest> {
    return new HubUnderTest(await mkdtemp(join(tmpdir(), 'portico-crash-')));
  }

  /** Where the hub keeps what outlives it. */
  get storeFolder(): string {
    return join(this.folder, 'store');
  }

  /** What it has printed since its start. */
  get output(): string {
    return this.#running.output;
  }

  /** @returns the port of its MQTT listener */
  async start(store: StoreKeys): Promise<number> {
    this.#process = await Portico.start({ config: configuration(this.folder, store) });
    return this.#process.port('mqtt:tcp:default');
  }

  /** Starts, and is killed so many milliseconds later, if it does not run by then. */
  async killAtStart(store: StoreKeys, milliseconds: number): Promise<void> {
    const signal = AbortSignal.timeout(milliseconds);
    const config = configuration(this.folder, store);
    const started = await Portico.start({ config, signal }).catch(() => undefined);
    await started?.stop('SIGKILL');
  }

  /** Lets no file of the hub grow any more, as a full disk would. */
  fillDisk(): void {
    this.#limitFiles('1');
  }

  freeDisk(): void {
    this.#limitFiles('unlimited');
  }

  /** @returns how it ended: `SIGKILL`, unless it had done so by itself */
  async kill(): Promise<number | string> {
    return await this.#running.stop('SIGKILL');
  }

  /** Ends what runs, and removes the folder. */
  async remove(): Promise<void> {
    await this.#process?.stop('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @param bytes the soft limit: the hard one could not be taken back */
  #limitFiles(bytes: string): void {
    execFileSync('prlimit', ['--pid', String(this.#running.pid), `--fsize=${bytes}:`]);
  }

  get #running(): Portico {
    if (this.#process === undefined) throw new Error('the hub was never started');
    return this.#process;
  }
}

/** Nothing is dropped for its number or size, and nothing sent again while a connection lasts. JSON is YAML. */
function configuration(folder: string, store: StoreKeys): string {
  return JSON.stringify({
    node: { data_dir: folder },
    log: { level: 'warn' },
    store,
    gateways: {
      mqtt: {
        max_mqueue_len: 0,
        force_shutdown: 0,
        retry_interval: 0,
        max_awaiting_rel: 0,
        listeners: { tcp: { default: { bind: '127.0.0.1:0', max_conn_rate: 0 } } },
      },
    },
  });
}
