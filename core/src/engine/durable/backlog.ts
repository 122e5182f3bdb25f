import { type DeliveryEntry, type DeliveryKey, parseDeliveryKey } from './delivery-key.js';
import { areFew } from './read-ahead.js';
import type { StoredDelivery } from './stored-delivery.js';

/** Keys that have been taken out before the list of keys is made shorter. */
const SLACK = 1024;

/**
 * What waits for a client and is in the store only, in the order in which it was stored: of each delivery no more
 * than its key is in memory.
 */
export class Backlog {
  #keys: string[] = [];
  /** Where the keys begin that are still there. */
  #head = 0;
  #first: DeliveryEntry | undefined;
  #inOrder = true;
  #last = 0;
  #bytes = 0;
  #writtenAt = 0;

  get length(): number {
    return this.#keys.length - this.#head;
  }

  /** Bytes of the messages, see `Message.size`. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of the latest delivery that there has been. */
  get last(): number {
    return this.#last;
  }

  /** `Store.written` when the latest of them was stored. */
  get writtenAt(): number {
    return this.#writtenAt;
  }

  /**
   * In any order.
   * @param writtenAt `Store.written` when it was stored
   */
  add(key: string, { number, size }: Pick<DeliveryKey, 'number' | 'size'>, writtenAt = 0): void {
    if (number < this.#last) this.#inOrder = false;
    else this.#last = number;
    if (writtenAt > this.#writtenAt) this.#writtenAt = writtenAt;
    this.#keys.push(key);
    this.#bytes += size;
  }

  /** Puts deliveries, oldest first, before all that are there. */
  prepend(deliveries: readonly StoredDelivery[]): void {
    this.#sort();
    const keys = deliveries.map(({ key }) => key);
    this.#keys = keys.concat(this.#head === 0 ? this.#keys : this.#keys.slice(this.#head));
    this.#head = 0;
    this.#first = undefined;
    for (const { number, size, writtenAt } of deliveries) {
      this.#bytes += size;
      this.#last = Math.max(this.#last, number);
      this.#writtenAt = Math.max(this.#writtenAt, writtenAt);
    }
  }

  /** The oldest delivery. */
  first(): DeliveryEntry | undefined {
    this.#sort();
    const key = this.#keys[this.#head];
    if (key !== undefined) this.#first ??= parseDeliveryKey(key);
    return this.#first;
  }

  /** Takes the oldest delivery out. */
  shift(): DeliveryEntry | undefined {
    const first = this.first();
    if (first === undefined) return undefined;
    this.#head++;
    this.#first = undefined;
    this.#bytes -= first.size;
    if (this.#head >= SLACK && this.#head * 2 >= this.#keys.length) {
      this.#keys = this.#keys.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }

  /** The oldest deliveries: as many as it is worth while to have in memory. */
  ahead(): DeliveryEntry[] {
    this.#sort();
    const found: DeliveryEntry[] = [];
    let bytes = 0;
    for (let at = this.#head; areFew(found.length, bytes); at++) {
      const key = this.#keys[at];
      const next = key && parseDeliveryKey(key);
      if (!next) break;
      found.push(next);
      bytes += next.size;
    }
    return found;
  }

  #sort(): void {
    if (this.#inOrder) return;
    this.#keys = this.#keys.slice(this.#head);
    this.#head = 0;
    const numbers = new Map(this.#keys.map((key) => [key, parseDeliveryKey(key)?.number ?? 0]));
    this.#keys.sort((a, b) => (numbers.get(a) ?? 0) - (numbers.get(b) ?? 0));
    this.#inOrder = true;
    this.#first = undefined;
  }
}
