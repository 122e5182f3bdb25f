import { type CoapMessage, MessageType } from '@portico/codec-coap';
import type { Counter, Peer } from '@portico/core';
import type { TransmissionParameters } from './transmission.js';

/** A message but for what the message layer adds. */
export type MessageBody = Omit<CoapMessage, 'type' | 'messageId'>;

/** How a confirmable message ended. */
export type Outcome =
  | 'acknowledged'
  | 'reset'
  /** Sent for the last time and never acknowledged. */
  | 'timeout'
  /** Pushed out by newer ones before it was sent. */
  | 'queue_full'
  /** No longer wanted by the time it would have been sent (again). */
  | 'cancelled'
  /** The peer's connection is gone. */
  | 'closed';

/** Something to be sent reliably. */
export interface Confirmable {
  /** Asked before each transmission: false when there is no point in it any more. */
  readonly wanted: boolean;
  /** What to send: asked once for each sender that it is handed to, when its turn has come. */
  compose(): MessageBody;
  /** Called once for each time that it was handed to a sender. */
  settled(outcome: Outcome): void;
}

/** Where message ids come from. */
export interface MessageIdSource {
  /** @returns undefined when there is none: the sender is told to go on when there is one again */
  takeMessageId(): number | undefined;
}

interface Transmission {
  readonly item: Confirmable;
  readonly message: CoapMessage;
  /** Milliseconds until the next retransmission. */
  timeout: number;
  retransmissions: number;
}

/**
 * Sends confirmable messages to one peer, one at a time (NSTART = 1) and in order, each again and again with
 * doubling time-outs until it is acknowledged or given up (RFC 7252 §4.2, §4.7, §4.8). Uses the peer's timer.
 */
export class ConfirmableSender {
  readonly #peer: Peer<CoapMessage>;
  readonly #parameters: TransmissionParameters;
  readonly #ids: MessageIdSource;
  readonly #limit: number;
  readonly #retransmitted: Counter;
  readonly #waiting: Confirmable[] = [];
  #current: Transmission | undefined;
  #closed = false;

  /** @param limit items that wait; beyond it the oldest is dropped */
  constructor(
    peer: Peer<CoapMessage>,
    parameters: TransmissionParameters,
    ids: MessageIdSource,
    limit: number,
    retransmitted: Counter,
  ) {
    this.#peer = peer;
    this.#parameters = parameters;
    this.#ids = ids;
    this.#limit = limit;
    this.#retransmitted = retransmitted;
  }

  send(item: Confirmable): void {
    if (this.#closed) {
      item.settled('closed');
      return;
    }
    this.#waiting.push(item);
    this.goOn();
    if (this.#waiting.length > this.#limit) this.#waiting.shift()?.settled('queue_full');
  }

  /** Sends what waits, as far as it may. */
  goOn(): void {
    // Settling an item may send another: looks afresh after each.
    while (this.#current === undefined) {
      const item = this.#waiting[0];
      if (item === undefined) return;
      if (!item.wanted) {
        this.#waiting.shift();
        item.settled('cancelled');
        continue;
      }
      const messageId = this.#ids.takeMessageId();
      if (messageId === undefined) return;
      this.#waiting.shift();
      this.#start(item, messageId);
    }
  }

  /** Whether a message is in flight. */
  isInFlight(messageId: number): boolean {
    return this.#current?.message.messageId === messageId;
  }

  /**
   * The peer acknowledged or rejected a message.
   * @returns whether it is the one in flight
   */
  answered(messageId: number, outcome: 'acknowledged' | 'reset'): boolean {
    const current = this.#current;
    if (current?.message.messageId !== messageId) return false;
    this.#finish(current, outcome);
    return true;
  }

  /** Lets go of an item, if it is in flight or waiting: it has been answered otherwise, or nobody wants it any more. */
  withdraw(item: Confirmable): void {
    const current = this.#current;
    if (current?.item === item) {
      this.#finish(current, 'cancelled');
      return;
    }
    const place = this.#waiting.indexOf(item);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    item.settled('cancelled');
  }

  /** The peer's timer is due. */
  onTimer(): void {
    const current = this.#current;
    if (current === undefined) return;
    if (!current.item.wanted) this.#finish(current, 'cancelled');
    else if (current.retransmissions >= this.#parameters.maxRetransmit) this.#finish(current, 'timeout');
    else this.#retransmit(current);
  }

  /** The connection is gone: whatever is in flight or waiting ends. */
  close(): void {
    this.#closed = true;
    const items = this.#waiting.splice(0);
    if (this.#current !== undefined) items.unshift(this.#current.item);
    this.#current = undefined;
    for (const item of items) item.settled('closed');
  }

  #retransmit(transmission: Transmission): void {
    transmission.retransmissions++;
    transmission.timeout *= 2;
    this.#retransmitted.value++;
    this.#transmit(transmission);
  }

  #transmit({ message, timeout }: Transmission): void {
    this.#peer.send(message);
    this.#peer.setTimer(timeout);
  }

  #finish({ item }: Transmission, outcome: Outcome): void {
    this.#current = undefined;
    this.#peer.clearTimer();
    item.settled(outcome);
    this.goOn();
  }

  #start(item: Confirmable, messageId: number): void {
    const { ackTimeout, ackRandomFactor } = this.#parameters;
    const { code, token, options, payload } = item.compose();
    const message = { type: MessageType.CON, messageId, code, token, options, payload };
    const timeout = ackTimeout * (1 + Math.random() * (ackRandomFactor - 1));
    this.#current = { item, message, timeout, retransmissions: 0 };
    this.#transmit(this.#current);
  }
}
