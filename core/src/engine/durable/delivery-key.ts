import { keyOf } from './keys.js';

/** What the key of a delivery says, so that the hub can start, and keep what waits, without reading the delivery. */
export interface DeliveryKey {
  /** Number of the session whose it is. */
  readonly session: number;
  /** Number of the delivery. */
  readonly number: number;
  /** Bytes of the message, see `Message.size`. */
  readonly size: number;
  /** Number of the message where it is stored for several. */
  readonly body: number | undefined;
  /**
   * Whether a hub that starts has to read it all the same: it may have been sent, or others of a shared subscription
   * may get it.
   */
  readonly atStart: boolean;
}

/** Ends the key of a delivery that has to be read at start. */
const AT_START = '!';

/** `<session>.<delivery>.<size>`, then `.<message>` where that is stored for several; `!` if to be read at start. */
export function deliveryKey({ session, number, size, body, atStart }: DeliveryKey): string {
  const shared = body === undefined ? '' : `.${keyOf(body)}`;
  return `${keyOf(session)}.${keyOf(number)}.${keyOf(size)}${shared}${atStart ? AT_START : ''}`;
}

/** A delivery in the store, as far as its key tells. */
export interface DeliveryEntry extends DeliveryKey {
  readonly key: string;
}

const DOT = 0x2e;
const DIGIT_0 = 0x30;
const LETTER_A = 0x61;
/** What a letter is less to be a digit: `a` is 10. */
const DIGIT_A = LETTER_A - 10;

/** Reads all numbers in one go: there may be a million keys at start. Undefined for what is no such key. */
export function parseDeliveryKey(key: string): DeliveryEntry | undefined {
  const atStart = key.endsWith(AT_START);
  const numbers: [number, number, number, number] = [0, 0, 0, 0];
  let dots = 0;
  for (let at = 0; at < key.length - (atStart ? 1 : 0); at++) {
    const code = key.charCodeAt(at);
    if (code === DOT) dots++;
    else numbers[dots & 3] = (numbers[dots & 3] ?? 0) * 36 + (code - (code < LETTER_A ? DIGIT_0 : DIGIT_A));
  }
  if (dots < 2 || dots > 3) return undefined;
  const [session, number, size, body] = numbers;
  return { key, session, number, size, body: dots === 3 ? body : undefined, atStart };
}

/** Whether it is a key of format 1, which was the number of the delivery alone. */
export function isOldDeliveryKey(key: string): boolean {
  return !key.includes('.');
}
