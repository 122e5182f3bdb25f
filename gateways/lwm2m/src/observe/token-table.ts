import { randomBytes } from 'node:crypto';
import type { Device } from '../device.js';

/** The longest that there are (RFC 7252 §5.3.1): nobody guesses them. */
const TOKEN_LENGTH = 8;

/**
 * Whose the tokens are by which responses are recognized that no request waits for, from whatever address they come:
 * notifications, and answers that are late.
 */
export class TokenTable {
  readonly #devices = new Map<string, Device>();

  /** A token that nobody has. */
  next(): Buffer {
    return randomBytes(TOKEN_LENGTH);
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
