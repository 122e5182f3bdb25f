import { formatPath, formatValue, type Lwm2mNode } from '@portico/codec-lwm2m';

/** Resources of one device whose values are remembered; then the one told longest ago is forgotten. */
const MAX_VALUES = 64;
/** Characters of the longest value that is remembered. */
const MAX_LENGTH = 256;

/** What a resource was when its device told it last. */
export interface LastValue {
  /** `/3/0/9` */
  readonly path: string;
  /** Bytes as Base64, and integers that a number does not hold as text. */
  readonly value: string | number | boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the resources of a device were when it told them last: in answers, notifications, or unasked. */
export class LastValues implements Iterable<LastValue> {
  readonly #values = new Map<string, LastValue>();

  /** @param node of a resource or resource instance, with a value; @param at milliseconds since 1970 */
  remember(node: Lwm2mNode, at: number): void {
    const path = formatPath(node.path);
    this.#values.delete(path);
    const value = shownValue(node);
    if (value === undefined) return;
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

/** Undefined for none, and for one that is too long. */
function shownValue({ value }: Lwm2mNode): LastValue['value'] | undefined {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value ?? undefined;
  if (Buffer.isBuffer(value) && value.length > MAX_LENGTH) return undefined;
  const text = Buffer.isBuffer(value) ? value.toString('base64') : formatValue(value);
  return text.length > MAX_LENGTH ? undefined : text;
}
