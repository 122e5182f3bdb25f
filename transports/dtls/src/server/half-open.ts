import type { PeerKey } from '../contract.js';

/**
 * What is half open, by where its peer is. Once there are as many as there may be, a host that has more than its share
 * makes room for others: nobody keeps all others out from one address.
 */
export class HalfOpen<T> {
  readonly #limit: number;
  readonly #byKey = new Map<PeerKey, T>();
  /** By address without port; oldest first. */
  readonly #byHost = new Map<string, Map<PeerKey, T>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: PeerKey): T | undefined {
    return this.#byKey.get(key);
  }

  values(): IterableIterator<T> {
    return this.#byKey.values();
  }

  add(host: string, key: PeerKey, one: T): void {
    this.#byKey.set(key, one);
    const ofHost = this.#byHost.get(host);
    if (ofHost === undefined) this.#byHost.set(host, new Map([[key, one]]));
    else ofHost.set(key, one);
  }

  delete(host: string, key: PeerKey): void {
    this.#byKey.delete(key);
    const ofHost = this.#byHost.get(host);
    ofHost?.delete(key);
    if (ofHost?.size === 0) this.#byHost.delete(host);
  }

  /** Whether one more of a host may begin, if need be in the place of another: see {@link givingWayTo}. */
  hasRoomFor(host: string): boolean {
    return this.size < this.#limit || this.#tooMuch(host) !== undefined;
  }

  /** What has to end before one more of a host begins; undefined when there is room. */
  givingWayTo(host: string): T | undefined {
    return this.size < this.#limit ? undefined : this.#tooMuch(host);
  }

  /** The oldest of a host that has more than its share; undefined when there is none or `host` has its own share. */
  #tooMuch(host: string): T | undefined {
    const own = this.#byHost.get(host)?.size ?? 0;
    const share = Math.ceil(this.#limit / (this.#byHost.size + (own === 0 ? 1 : 0)));
    if (own >= share) return undefined;
    for (const ofHost of this.#byHost.values()) {
      if (ofHost.size <= share) continue;
      const [oldest] = ofHost.values();
      return oldest;
    }
    return undefined;
  }
}
