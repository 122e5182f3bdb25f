import type { Endpoint } from './endpoint.js';

/** How many are looked at for one that can go when there is no room: the next ones the next time. */
const LOOKED_AT = 8;

/** The wireless nodes behind one forwarder, MQTT-SN 1.2 §5.5, with which something goes on. */
export class WirelessNodes {
  readonly #max: number;
  /** By wireless node id, in hexadecimal. */
  readonly #endpoints = new Map<string, Endpoint>();

  constructor(max: number) {
    this.#max = max;
  }

  /** All of them, and some perhaps that nothing goes on with any more. */
  values(): Iterable<Endpoint> {
    return this.#endpoints.values();
  }

  get(id: string): Endpoint | undefined {
    return this.#endpoints.get(id);
  }

  /**
   * @param isOver whether nothing goes on with a node any more, so that it can make room
   * @returns false when there is no room
   */
  add(id: string, endpoint: Endpoint, isOver: (endpoint: Endpoint) => boolean): boolean {
    if (this.#endpoints.size >= this.#max) this.#makeRoom(isOver);
    if (this.#endpoints.size >= this.#max) return false;
    this.#endpoints.set(id, endpoint);
    return true;
  }

  /** Nothing goes on with a node. */
  delete(id: string): void {
    this.#endpoints.delete(id);
  }

  #makeRoom(isOver: (endpoint: Endpoint) => boolean): void {
    let left = Math.min(LOOKED_AT, this.#endpoints.size);
    for (const [id, endpoint] of this.#endpoints) {
      if (left-- === 0) return;
      this.#endpoints.delete(id);
      if (!isOver(endpoint)) this.#endpoints.set(id, endpoint);
    }
  }
}
