import type { Message } from './message.js';

/** Retained messages as a search finds them; undefined where it has looked for a while and found nothing. */
export type RetainedSearch = Iterator<Message | undefined>;

/**
 * The retained messages that new subscriptions of one session are still to be sent, searched for only as fast as
 * the client takes them: they need no queue.
 */
export class RetainedFeeds {
  /** By topic filter of the subscription, in the order in which they were asked for. */
  readonly #searches = new Map<string, RetainedSearch>();

  /** Begins a search; another one for the same filter ends. */
  add(filter: string, search: RetainedSearch): void {
    this.#searches.delete(filter);
    this.#searches.set(filter, search);
  }

  delete(filter: string): void {
    this.#searches.delete(filter);
  }

  clear(): void {
    this.#searches.clear();
  }

  /** Goes one step on. @returns undefined when there is nothing left to search for */
  next(): { readonly filter: string; readonly message: Message | undefined } | undefined {
    for (const [filter, search] of this.#searches) {
      const { done, value } = search.next();
      if (!done) return { filter, message: value };
      this.#searches.delete(filter);
    }
    return undefined;
  }
}
