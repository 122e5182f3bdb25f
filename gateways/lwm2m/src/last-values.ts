import type { Lwm2mValue } from '@portico/codec-lwm2m';

/** Resources of one device whose values are remembered; then the one told longest ago is forgotten. */
const MAX_VALUES = 100;
/** Characters or bytes of the longest value that is remembered. */
const MAX_LENGTH = 1024;

/** What a resource was when its device told it last. */
export interface LastValue {
  /** `/3/0/9` */
  readonly path: string;
  readonly value: Lwm2mValue;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the resources of a device were when it told them last: in answers, notifications, or unasked. */
export class LastValues implements Iterable<LastValue> {
  readonly #values = new Map<string, LastValue>();

  /** @param path of a resource or resource instance; @param at milliseconds since 1970 */
  remember(path: string, value: Lwm2mValue, at: number): void {
    this.#values.delete(path);
    if ((typeof value === 'string' || Buffer.isBuffer(value)) && value.length > MAX_LENGTH) return;
    this.#values.set(path, { path, value, at });
    if (this.#values.size <= MAX_VALUES) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      break;
    }
  }

  /** In the order in which they were told. */
  [Symbol.iterator](): IterableIterator<LastValue> {
    return this.#values.values();
  }
}
