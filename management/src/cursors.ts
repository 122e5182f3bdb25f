import { randomBytes } from 'node:crypto';
import type { Clock } from '@portico/core';
import { ApiError } from './result-codes.js';

/** Lists that may be held at a time; the oldest gives way. */
const MOST_HELD = 64;
/** Milliseconds that a list is held for whoever asks for its next page. */
const LIFETIME = 60_000;
/** What asks for the first page of a list that is to be held. */
export const FIRST = 'start';

interface Held {
  readonly list: unknown;
  /** `clock.monotonic()` after which it is not given any more. */
  readonly until: number;
}

/**
 * Lists that somebody reads page by page. A list is held where the last page has ended, so that what was in it all the
 * time is in one of its pages, whoever comes and goes in between.
 */
export class Cursors {
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the word for which {@link take} gives it back, once */
  hold(list: unknown): string {
    this.#forgetOld();
    const cursor = randomBytes(16).toString('base64url');
    this.#held.set(cursor, { list, until: this.#clock.monotonic() + LIFETIME });
    return cursor;
  }

  /** @throws ApiError when nothing is held for it any more */
  take(cursor: string): unknown {
    const held = this.#held.get(cursor);
    this.#held.delete(cursor);
    if (held !== undefined && held.until > this.#clock.monotonic()) return held.list;
    throw new ApiError('parameter_invalid', `_cursor: is not held any more; begin again with ${FIRST}`);
  }

  #forgetOld(): void {
    const now = this.#clock.monotonic();
    for (const [cursor, { until }] of this.#held) {
      if (until > now && this.#held.size < MOST_HELD) return;
      this.#held.delete(cursor);
    }
  }
}
