import assert from 'node:assert/strict';
import { VirtualClock } from '../../../runtime/clock.js';
import { MemoryStore } from '../../../store/memory-store.js';
import { TestClient, TestHub, type TestHubOptions } from '../../../testing/index.js';

export const PERSISTENT = { cleanStart: false, sessionExpiry: 3600 } as const;

/** Hubs that follow one another on the same store, each falling without a word. */
export class Falls {
  readonly clock = new VirtualClock();
  readonly store: MemoryStore;
  readonly #options: TestHubOptions;
  #running: TestHub | undefined;

  constructor(options: TestHubOptions = {}, store = new MemoryStore({ durable: true })) {
    this.#options = options;
    this.store = store;
  }

  /** @param prepare is done before the hub takes up what the store has kept */
  async start(prepare: (hub: TestHub) => void = () => {}): Promise<TestHub> {
    this.fall();
    const hub = new TestHub({ ...this.#options, store: this.store, clock: this.clock });
    this.#running = hub;
    prepare(hub);
    await hub.engine.start();
    return hub;
  }

  /** From now on no hub runs. */
  fall(): void {
    this.#running?.timers.stop();
    this.#running = undefined;
  }
}

/** What has to be read from the store is there. */
export async function read(hub: TestHub): Promise<void> {
  for (let i = 0; i < 5; i++) await hub.nextTurn();
}

/** A client that acknowledges nothing by itself. */
export function manual(
  hub: TestHub,
  id: string,
  changes: Parameters<TestHub['request']>[2] = PERSISTENT,
): TestClient {
  const client = new TestClient();
  client.autoAck = false;
  const result = hub.connect(hub.request(id, client, changes));
  assert.ok('ok' in result && result.ok);
  client.session = result.session;
  client.session.resume();
  return client;
}
