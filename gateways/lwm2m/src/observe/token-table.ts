import { TokenSource } from '@portico/coap-endpoint';
import type { Device } from '../device.js';

/**
 * Whose the tokens are by which responses are recognized that no request waits for, from whatever address they come:
 * notifications, and answers that are late.
 */
export class TokenTable {
  readonly #source = new TokenSource();
  readonly #devices = new Map<string, Device>();

  /** A token that nobody has, or guesses. */
  next(): Buffer {
    return this.#source.next();
  }

  add(token: Buffer, device: Device): void {
    this.#devices.set(keyOf(token), device);
  }

  delete(token: Buffer): void {
    this.#devices.delete(keyOf(token));
  }

  find(token: Buffer): Device | undefined {
    return this.#devices.get(keyOf(token));
  }
}

function keyOf(token: Buffer): string {
  return token.toString('latin1');
}
