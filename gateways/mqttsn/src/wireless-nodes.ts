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
   * @param forgetBefore nodes that have not finished telling their will make room when they were last heard before that
   *   moment of the monotonic clock
   * @returns false when there is no room
   */
  add(id: string, endpoint: Endpoint, forgetBefore: number): boolean {
    if (this.#endpoints.size >= this.#max) this.#makeRoom(forgetBefore);
    if (this.#endpoints.size >= this.#max) return false;
    this.#endpoints.set(id, endpoint);
    return true;
  }

  /** Nothing goes on with a node. */
  delete(id: string): void {
    this.#endpoints.delete(id);
  }

  #makeRoom(forgetBefore: number): void {
    let left = Math.min(LOOKED_AT, this.#endpoints.size);
    for (const [id, endpoint] of this.#endpoints) {
      if (left-- === 0) return;
      this.#endpoints.delete(id);
      endpoint.forgetDialogue(forgetBefore);
      if (endpoint.busy) this.#endpoints.set(id, endpoint);
    }
  }
}
