import { type CoapMessage, MessageType } from '@portico/codec-coap';
import type { Counter } from '@portico/core';
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

/** What all peers of the gateway together may have remembered. */
export class ExchangeBudget {
  #left: number;

  /** @param limit exchanges */
  constructor(limit: number) {
    this.#left = limit;
  }

  /** @returns false, taking nothing, when nothing is left */
  take(): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }

  giveBack(count: number): void {
    this.#left += count;
  }
}

/**
 * The requests of one peer by message id, so that each is carried out once (RFC 7252 §4.5). A ring that grows
 * only while its oldest entry is still good, so that a peer that sends rarely costs little.
 */
export class Exchanges {
  readonly #parameters: TransmissionParameters;
  readonly #limit: number;
  readonly #budget: ExchangeBudget;
  readonly #evicted: Counter;
  readonly #messageIds: number[] = [];
  readonly #exchanges: Exchange[] = [];
  /** Index of the oldest. */
  #oldest = 0;

  /**
   * @param limit exchanges remembered; beyond it, or when the budget of all peers is used up, the oldest is
   *   forgotten and counted in `evicted`. One is always remembered.
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
      token: Buffer.from(token),
      expiresAt: now + (confirmable ? exchangeLifetime : nonLifetime),
      reply: undefined,
    };
    this.#put(exchange, now);
    return exchange;
  }

  /** The peer is gone. */
  close(): void {
    this.#budget.giveBack(Math.max(0, this.#exchanges.length - 1));
    this.#messageIds.length = 0;
    this.#exchanges.length = 0;
    this.#oldest = 0;
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
    const first = oldest === undefined;
    if (first || (good && this.#exchanges.length < this.#limit && this.#budget.take())) {
      this.#messageIds.splice(slot, 0, messageId);
      this.#exchanges.splice(slot, 0, exchange);
    } else {
      if (good) this.#evicted.value++;
      this.#messageIds[slot] = messageId;
      this.#exchanges[slot] = exchange;
    }
    this.#oldest = (slot + 1) % this.#exchanges.length;
  }
}
