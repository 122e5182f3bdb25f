import type { PeerKey } from '../contract.js';

/**
 * What is half open, by where its peer is. Once there are as many as there may be, a host that has more than its share
 * makes room for others: nobody keeps all others out from one address.
 */
export class HalfOpen<T> {
  readonly #limit: number;
  readonly #byKey = new Map<PeerKey, T>();
  /** By {@link hostOf}; oldest first. */
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

  add(address: string, key: PeerKey, one: T): void {
    const host = hostOf(address);
    this.#byKey.set(key, one);
    const ofHost = this.#byHost.get(host);
    if (ofHost === undefined) this.#byHost.set(host, new Map([[key, one]]));
    else ofHost.set(key, one);
  }

  delete(address: string, key: PeerKey): void {
    const host = hostOf(address);
    this.#byKey.delete(key);
    const ofHost = this.#byHost.get(host);
    ofHost?.delete(key);
    if (ofHost?.size === 0) this.#byHost.delete(host);
  }

  /** Whether one more from an address may begin, if need be in the place of another: see {@link givingWayTo}. */
  hasRoomFor(address: string): boolean {
    return this.size < this.#limit || this.#tooMuch(hostOf(address)) !== undefined;
  }

  /** What has to end before one more from an address begins; undefined when there is room. */
  givingWayTo(address: string): T | undefined {
    return this.size < this.#limit ? undefined : this.#tooMuch(hostOf(address));
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

/** Groups of an IPv6 address, and those of its network: whoever has one address has all of its /64. */
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** An IPv4 address, or the network of an IPv6 address. @param address as the operating system writes it */
export function hostOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [front = [], back = []] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = new Array<string>(GROUPS - front.length - back.length).fill('0');
  return [...front, ...zeros, ...back].slice(0, NETWORK_GROUPS).join(':');
}
