import { Timer } from '@portico/core';
import type { Clients } from './clients.js';
import type { Shared } from './shared.js';

/** Milliseconds between two sweeps. */
const INTERVAL = 3_600_000;

/** Has what is remembered of clients forgotten again, some time after nobody can need it any more. */
export class Sweeping extends Timer {
  readonly #shared: Shared;
  readonly #clients: Clients;

  constructor(shared: Shared, clients: Clients) {
    super();
    this.#shared = shared;
    this.#clients = clients;
    this.#arm();
  }

  stop(): void {
    this.#shared.context.timers.cancel(this);
  }

  override fire(): void {
    const { records, config, context } = this.#shared;
    const isConnected = (clientId: string) => this.#clients.get(clientId) !== undefined;
    records
      .sweep(isConnected, config.session_expiry_interval)
      .catch((error: unknown) =>
        context.log.error({ err: error }, 'records of MQTT-SN clients could not be swept'),
      );
    this.#arm();
  }

  #arm(): void {
    this.#shared.context.timers.arm(this, INTERVAL);
  }
}
