import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type RequestOptions } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from './latency.js';

/** Application of the management API that asks. */
export const LISTING = { id: 'bench', secret: 'bench' } as const;

/** Milliseconds between an answer and the next question. */
const PAUSE = 50;
/** Bytes of an answer with a client in it. */
const SHORTEST = 300;

/** Where Portico's management API listens, beside the measured port. */
export function apiPortBeside(port: number): number {
  return port + 1;
}

/**
 * Asks for a list of clients over and over, each time when it has had the whole of the one before. What is answered is not
 * parsed: the messages are timed by the same process, which is to be free for them.
 */
export class ClientLists {
  /** From question to the end of the answer. */
  readonly latencies = new Latencies();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #options: RequestOptions;
  #stopped = false;

  /** @param query conditions: `_like_clientid=7` */
  constructor(port: number, query: string) {
    this.#options = {
      agent: this.#agent,
      host: '127.0.0.1',
      port: apiPortBeside(port),
      path: `/api/v4/clients?${query}`,
      auth: `${LISTING.id}:${LISTING.secret}`,
    };
    void this.#run().catch((error: unknown) => {
      // What was under way when the load stopped is broken off.
      if (!this.#stopped) throw error;
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const asked = performance.now();
      const bytes = await this.#ask();
      this.latencies.add(performance.now() - asked);
      if (bytes < SHORTEST) throw new Error('the list is empty');
      await sleep(PAUSE);
    }
  }

  /** @returns bytes of the answer */
  async #ask(): Promise<number> {
    const request = get(this.#options);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`the list is answered with ${response.statusCode}`);
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await once(response, 'end');
    return bytes;
  }
}
