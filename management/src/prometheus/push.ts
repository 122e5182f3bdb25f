import { type Cancel, type ServiceTarget, serviceTarget } from '@portico/core';
import type { ApiContext } from '../endpoint.js';
import { EXPOSITION_TYPE } from './exposition.js';
import { scrape } from './scrape.js';

/** Milliseconds that a Pushgateway has to answer. */
const PATIENCE = 5000;

/** Sends all metrics to a Pushgateway, again and again; one line in the log when that begins to fail, or fails in another way, and when it works again. */
export class PrometheusPush {
  readonly #context: ApiContext;
  readonly #target: ServiceTarget;
  readonly #interval: number;
  readonly #stopping = new AbortController();
  #cancel: Cancel = () => {};
  /** Why the last time failed, if it did. */
  #fault: string | undefined;

  /** @param server where the Pushgateway is: `http://127.0.0.1:9091`, with a name and a password perhaps @param interval milliseconds */
  constructor(context: ApiContext, server: string, interval: number) {
    this.#context = context;
    const { url, headers } = serviceTarget(server);
    const instance = encodeURIComponent(context.node);
    this.#target = { url: `${url.replace(/\/+$/, '')}/metrics/job/portico/instance/${instance}`, headers };
    this.#interval = interval;
  }

  start(): void {
    const { clock } = this.#context.hub.engine;
    this.#cancel = clock.schedule(this.#interval, () => void this.#push().then(() => this.#next()));
  }

  stop(): void {
    this.#stopping.abort();
    this.#cancel();
  }

  #next(): void {
    if (!this.#stopping.signal.aborted) this.start();
  }

  async #push(): Promise<void> {
    try {
      const body = await scrape(this.#context);
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(PATIENCE)]);
      const { url } = this.#target;
      const headers = { 'content-type': EXPOSITION_TYPE, ...this.#target.headers };
      const response = await fetch(url, { method: 'PUT', body, headers, signal });
      await response.arrayBuffer();
      this.#tell(response.ok ? undefined : `status ${response.status}`);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#tell(reasonOf(error));
    }
  }

  #tell(fault: string | undefined): void {
    const { log } = this.#context;
    const { url } = this.#target;
    if (fault === this.#fault) return;
    this.#fault = fault;
    if (fault === undefined) log.info({ url }, 'metrics pushed again');
    else log.warn({ url, fault }, 'metrics not pushed');
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { readonly message: string; readonly cause?: NodeJS.ErrnoException };
  return cause?.code ?? cause?.message ?? message;
}
