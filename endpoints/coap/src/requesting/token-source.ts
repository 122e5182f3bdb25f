import { randomFillSync } from 'node:crypto';

/** Bytes of a token: too many to guess, RFC 7252 §5.3.1. */
const TOKEN_SIZE = 8;
/** Tokens that are made at a time: one by one they would cost more than all else of a request. */
const BATCH = 64;

/** Random tokens of 8 bytes, for requests and observations. */
export class TokenSource {
  #batch = Buffer.allocUnsafeSlow(0);
  #given = 0;

  /** A token that has not been given before, and is for good. */
  next(): Buffer {
    if (this.#given === this.#batch.length) {
      this.#batch = randomFillSync(Buffer.allocUnsafeSlow(TOKEN_SIZE * BATCH));
      this.#given = 0;
    }
    this.#given += TOKEN_SIZE;
    return this.#batch.subarray(this.#given - TOKEN_SIZE, this.#given);
  }
}
