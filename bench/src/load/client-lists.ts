import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from './latency.js';

/** Application of the management API that asks. */
export const LISTING = { id: 'bench', secret: 'bench' } as const;

/** Milliseconds between an answer and the next question. */
const PAUSE = 50;

/** Where Portico's management API listens, beside the measured port. */
export function apiPortBeside(port: number): number {
  return port + 1;
}

/** Asks for a list of clients over and over, each time when it has had the whole of the one before. */
export class ClientLists {
  /** From question to the end of the answer. */
  readonly latencies = new Latencies();
  readonly #url: string;
  #stopped = false;

  /** @param query conditions: `_like_clientid=7` */
  constructor(port: number, query: string) {
    this.#url = `http://127.0.0.1:${apiPortBeside(port)}/api/v4/clients?${query}`;
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${LISTING.id}:${LISTING.secret}`).toString('base64')}`;
    while (!this.#stopped) {
      const asked = performance.now();
      const response = await fetch(this.#url, { headers: { authorization } });
      const { data } = (await response.json()) as { readonly data: readonly unknown[] };
      this.latencies.add(performance.now() - asked);
      if (data.length === 0) throw new Error('the list is empty');
      await sleep(PAUSE);
    }
  }
}
