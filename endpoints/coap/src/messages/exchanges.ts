import { type CoapMessage, MessageType } from '@portico/codec-coap';
import type { Counter } from '@portico/core';
import type { Borrower, ExchangeBudget } from './exchange-budget.js';
import { keepBytes } from './kept-bytes.js';
import type { TransmissionParameters } from './transmission.js';

/** A request of a peer, remembered for as long as it may arrive again. */
export interface Exchange {
  readonly messageId: number;
  readonly confirmable: boolean;
  /** The exchange's own copy. */
  readonly token: Buffer;
  /** On the monotonic clock. */
  readonly expiresAt: number;
  /** Sent again for each duplicate; undefined while there is no answer, and for non-confirmable requests. */
  reply: CoapMessage | undefined;
}

/** So many requests of each peer are remembered whatever the budget: NSTART = 1 (RFC 7252 §4.7) and some slack. */
const ALWAYS = 4;

/**
 * The requests of one peer by message id, so that each is carried out once (RFC 7252 §4.5). A ring that grows
 * only while its oldest entry is still good, so that a peer that sends rarely costs little.
 */
export class Exchanges implements Borrower {
  readonly #parameters: TransmissionParameters;
  readonly #limit: number;
  readonly #budget: ExchangeBudget;
  readonly #evicted: Counter;
  #messageIds: number[] = [];
  #exchanges: Exchange[] = [];
  /** Index of the oldest. */
  #oldest = 0;

  /**
   * @param limit exchanges remembered; beyond it, or when the budget of all peers is used up, the oldest is
   *   forgotten and counted in `evicted`. Four are remembered in any case, or `limit` if that is less.
   */
  constructor(parameters: TransmissionParameters, limit: number, budget: ExchangeBudget, evicted: Counter) {
    this.#parameters = parameters;
    this.#limit = limit;
    this.#budget = budget;
    this.#evicted = evicted;
  }

  /** The exchange that a message id stands for at present. */
  find(messageId: number, now: number): Exchange | undefined {
    const exchange = this.#exchanges[this.#messageIds.indexOf(messageId)];
    return exchange !== undefined && exchange.expiresAt > now ? exchange : undefined;
  }

  /** Remembers a new request. */
  open(request: CoapMessage, now: number): Exchange {
    const { messageId, type, token } = request;
    const confirmable = type === MessageType.CON;
    const { exchangeLifetime, nonLifetime } = this.#parameters;
    const exchange: Exchange = {
      messageId,
      confirmable,
      token: keepBytes(token),
      expiresAt: now + (confirmable ? exchangeLifetime : nonLifetime),
      reply: undefined,
    };
    this.#put(exchange, now);
    return exchange;
  }

  /** The peer is gone. */
  close(): void {
    this.#forget(this.#exchanges.length);
  }

  /** Forgets what has expired. */
  release(now: number): void {
    const { length } = this.#exchanges;
    let expired = 0;
    while (expired < length && this.#at(expired).expiresAt <= now) expired++;
    this.#forget(expired);
  }

  /** @param age 0 for the oldest */
  #at(age: number): Exchange {
    const { length } = this.#exchanges;
    return this.#exchanges[(this.#oldest + age) % length] as Exchange;
  }

  /** Forgets the oldest ones. */
  #forget(count: number): void {
    if (count === 0) return;
    const before = borrowed(this.#exchanges.length);
    rotate(this.#messageIds, this.#oldest).splice(0, count);
    rotate(this.#exchanges, this.#oldest).splice(0, count);
    this.#oldest = 0;
    const after = borrowed(this.#exchanges.length);
    if (before > after) this.#budget.giveBack(this, before - after, after === 0);
  }

  #put(exchange: Exchange, now: number): void {
    const { messageId } = exchange;
    const known = this.#messageIds.indexOf(messageId);
    if (known >= 0) {
      this.#exchanges[known] = exchange;
      return;
    }
    const slot = this.#oldest;
    const oldest = this.#exchanges[slot];
    const good = oldest !== undefined && oldest.expiresAt > now;
    if (oldest === undefined) {
      // Many peers send one request and no more: an array that grows would be given room for 17.
      this.#messageIds = [messageId];
      this.#exchanges = [exchange];
    } else if (good && this.#mayGrow(now)) {
      this.#messageIds.splice(slot, 0, messageId);
      this.#exchanges.splice(slot, 0, exchange);
    } else {
      if (good) this.#evicted.value++;
      this.#messageIds[slot] = messageId;
      this.#exchanges[slot] = exchange;
    }
    this.#oldest = (slot + 1) % this.#exchanges.length;
  }

  #mayGrow(now: number): boolean {
    const { length } = this.#exchanges;
    if (length >= this.#limit) return false;
    return length < ALWAYS || this.#budget.take(this, now);
  }
}

/** How many of so many exchanges come out of the budget. */
function borrowed(count: number): number {
  return Math.max(0, count - ALWAYS);
}

/** Makes what is at `first` the first element, in place. */
function rotate<T>(list: T[], first: number): T[] {
  list.push(...list.splice(0, first));
  return list;
}
