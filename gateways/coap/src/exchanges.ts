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

/** The requests of one peer by message id, so that each is carried out once (RFC 7252 §4.5). Bounded. */
export class Exchanges {
  readonly #byMessageId = new Map<number, Exchange>();
  readonly #parameters: TransmissionParameters;
  readonly #limit: number;
  readonly #evicted: Counter;

  /** @param limit exchanges remembered; beyond it the oldest is forgotten and counted in `evicted` */
  constructor(parameters: TransmissionParameters, limit: number, evicted: Counter) {
    this.#parameters = parameters;
    this.#limit = limit;
    this.#evicted = evicted;
  }

  /** The exchange that a message id stands for at present. */
  find(messageId: number, now: number): Exchange | undefined {
    const exchange = this.#byMessageId.get(messageId);
    return exchange !== undefined && exchange.expiresAt > now ? exchange : undefined;
  }

  /** Remembers a new request. */
  open(request: CoapMessage, now: number): Exchange {
    this.#makeRoom(now);
    const confirmable = request.type === MessageType.CON;
    const { exchangeLifetime, nonLifetime } = this.#parameters;
    const exchange: Exchange = {
      messageId: request.messageId,
      confirmable,
      token: Buffer.from(request.token),
      expiresAt: now + (confirmable ? exchangeLifetime : nonLifetime),
      reply: undefined,
    };
    this.#byMessageId.delete(request.messageId);
    this.#byMessageId.set(request.messageId, exchange);
    return exchange;
  }

  #makeRoom(now: number): void {
    for (const [messageId, oldest] of this.#byMessageId) {
      if (oldest.expiresAt > now) {
        if (this.#byMessageId.size < this.#limit) return;
        this.#evicted.value++;
      }
      this.#byMessageId.delete(messageId);
    }
  }
}
