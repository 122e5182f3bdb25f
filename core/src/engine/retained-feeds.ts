import type { Message } from './message.js';

/** Retained messages as a search finds them; undefined where it has looked for a while and found nothing. */
export type RetainedSearch = Iterator<Message | undefined>;

/** What a feed has come to: a retained message for the subscription, or none for now. */
interface Found {
  /** Topic filter of the subscription. */
  readonly filter: string;
  readonly message: Message | undefined;
}

/**
 * The retained messages that new subscriptions of one session are still to be sent, searched for only as fast as
 * the client takes them, for one subscription after the other: they need no queue.
 */
export class RetainedFeeds {
  readonly #search: (route: string) => RetainedSearch;
  /** What to search for, by topic filter of the subscription, in the order in which they were asked for. */
  readonly #routes = new Map<string, string>();
  /** The search for the first of them. */
  #present: RetainedSearch | undefined;

  /** @param search begins a search for the topics that a filter matches, mountpoint included */
  constructor(search: (route: string) => RetainedSearch) {
    this.#search = search;
  }

  /** Searches for a subscription when its turn comes, anew if it is searched for already. */
  add(filter: string, route: string): void {
    this.delete(filter);
    this.#routes.set(filter, route);
  }

  /** Whether it is being searched for a subscription, or will be. */
  has(filter: string): boolean {
    return this.#routes.has(filter);
  }

  delete(filter: string): void {
    if (filter === this.#first?.[0]) this.#present = undefined;
    this.#routes.delete(filter);
  }

  clear(): void {
    this.#routes.clear();
    this.#present = undefined;
  }

  /** Goes one step on. @returns undefined when there is nothing left to search for */
  next(): Found | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    const [filter, route] = first;
    this.#present ??= this.#search(route);
    const { done, value } = this.#present.next();
    if (done) this.delete(filter);
    return { filter, message: done ? undefined : value };
  }

  get #first(): [filter: string, route: string] | undefined {
    for (const entry of this.#routes) return entry;
    return undefined;
  }
}
