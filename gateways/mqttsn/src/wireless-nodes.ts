import type { SnAddress } from './address.js';

/** How many are looked at for one that can go when there is no room: the next ones the next time. */
const LOOKED_AT = 8;

/** The wireless nodes behind one forwarder, MQTT-SN 1.2 §5.5, with which something goes on. */
export class WirelessNodes {
  readonly #max: number;
  /** By wireless node id, in hexadecimal. */
  readonly #addresses = new Map<string, SnAddress>();

  constructor(max: number) {
    this.#max = max;
  }

  /** All of them, and some perhaps that nothing goes on with any more. */
  values(): Iterable<SnAddress> {
    return this.#addresses.values();
  }

  get(id: string): SnAddress | undefined {
    return this.#addresses.get(id);
  }

  /**
   * @param forgetBefore nodes that have not finished telling their will make room when they were last heard before that
   *   moment of the monotonic clock
   * @returns false when there is no room
   */
  add(id: string, address: SnAddress, forgetBefore: number): boolean {
    if (this.#addresses.size >= this.#max) this.#makeRoom(forgetBefore);
    if (this.#addresses.size >= this.#max) return false;
    this.#addresses.set(id, address);
    return true;
  }

  /** Nothing goes on with a node. */
  delete(id: string): void {
    this.#addresses.delete(id);
  }

  #makeRoom(forgetBefore: number): void {
    let left = Math.min(LOOKED_AT, this.#addresses.size);
    for (const [id, address] of this.#addresses) {
      if (left-- === 0) return;
      this.#addresses.delete(id);
      address.forgetDialogue(forgetBefore);
      if (address.busy) this.#addresses.set(id, address);
    }
  }
}
