import type { Store } from '../store/store.js';

/** Before the name of a gateway: its table in the store. */
const TABLES = 'gateway.';

/**
 * What a gateway remembers across restarts of the hub beside the sessions of its clients: values by key, such as
 * topic registrations by client id. Writing is cheap; what is written while a frame is handled is durable before what
 * the channel answers through `Peer.sendAck`. Where nothing survives the process it remembers all the same.
 */
export class GatewayStorage {
  readonly #store: Store;
  readonly #table: string;

  /** @param gateway its name; gateways do not see each other's values */
  constructor(store: Store, gateway: string) {
    this.#store = store;
    this.#table = TABLES + gateway;
  }

  /** All keys, in no particular order. */
  keys(): Iterable<string> {
    return this.#store.keys(this.#table);
  }

  /** Undefined when there is none. */
  get(key: string): Promise<Buffer | undefined> {
    return this.#store.get(this.#table, key);
  }

  /**
   * @param key at most 60,000 bytes of UTF-8
   * @param value must not be changed afterwards
   */
  put(key: string, value: Buffer): void {
    this.#store.put(this.#table, key, value);
  }

  delete(key: string): void {
    this.#store.delete(this.#table, key);
  }
}
