import {
  type CoapMessage,
  EMPTY_CODE,
  emptyMessage,
  isRequest,
  isResponse,
  type MessageHeader,
  MessageType,
} from '@portico/codec-coap';
import { type Clock, isPromise, type MaybePromise, type Peer } from '@portico/core';
import { type Confirmable, ConfirmableSender, type MessageBody } from './confirmable-sender.js';
import type { CoapMetrics } from './counters.js';
import type { ExchangeBudget } from './exchange-budget.js';
import { type Exchange, Exchanges } from './exchanges.js';
import { MessageIds } from './message-ids.js';
import type { Response } from './response.js';
import type { TransmissionParameters } from './transmission.js';

/** Non-confirmable messages that a peer may still reject with a Reset. */
const MAX_REJECTABLE = 32;

/** What all message layers of the gateway share. */
export interface MessageLayerSettings {
  readonly clock: Clock;
  readonly metrics: CoapMetrics;
  readonly parameters: TransmissionParameters;
  /** Requests of one peer remembered. */
  readonly maxExchanges: number;
  /** Requests of all peers remembered, but for the last few of each. */
  readonly exchangeBudget: ExchangeBudget;
  /** Confirmable messages that wait for one peer. */
  readonly maxWaiting: number;
}

/** What stands above the message layer. */
export interface MessageLayerUser {
  /** A request, each once. Its bytes are borrowed until the call returns. */
  onRequest(message: CoapMessage): MaybePromise<Response>;
  /** The peer asked whether we are there, and has been answered. */
  onPing(): void;
}

/**
 * The message layer of one peer, RFC 7252 §4: answers each request once and duplicates alike, piggybacks
 * responses on acknowledgements, sends confirmable messages until they are acknowledged, and rejects what it
 * has no use for.
 */
export class MessageLayer {
  readonly #peer: Peer<CoapMessage>;
  readonly #settings: MessageLayerSettings;
  readonly #user: MessageLayerUser;
  readonly #exchanges: Exchanges;
  readonly #sender: ConfirmableSender;
  /** Non-confirmable messages by message id: who wants to know of a Reset. */
  readonly #rejectable = new Map<number, () => void>();
  readonly #messageIds: MessageIds;

  constructor(peer: Peer<CoapMessage>, settings: MessageLayerSettings, user: MessageLayerUser) {
    const { parameters, metrics, maxExchanges, exchangeBudget, maxWaiting } = settings;
    this.#peer = peer;
    this.#settings = settings;
    this.#user = user;
    this.#messageIds = new MessageIds(parameters.exchangeLifetime);
    const evicted = metrics.counters['coap.exchanges.evicted'];
    this.#exchanges = new Exchanges(parameters, maxExchanges, exchangeBudget, evicted);
    this.#sender = new ConfirmableSender(
      peer,
      parameters,
      () => this.#nextMessageId(),
      maxWaiting,
      metrics.counters['coap.messages.retransmitted'],
    );
  }

  /** One message of the peer. A promise when its answer has to wait. */
  receive(message: CoapMessage): MaybePromise<void> {
    if (message.type === MessageType.ACK) this.#onAcknowledgement(message);
    else if (message.type === MessageType.RST) this.#onReset(message);
    else if (isRequest(message.code)) return this.#onRequest(message);
    else this.#onNoRequest(message);
  }

  /**
   * A datagram that is not a message: a confirmable one is rejected with a Reset, anything else in silence
   * (RFC 7252 §4.2, §4.3).
   * @param header undefined when not even that much could be read
   */
  reject(header: MessageHeader | undefined): void {
    this.#settings.metrics.counters['coap.messages.malformed'].value++;
    if (header?.type === MessageType.CON) this.#peer.send(emptyMessage(MessageType.RST, header.messageId));
  }

  sendConfirmable(item: Confirmable): void {
    this.#sender.send(item);
  }

  /**
   * @param onReset called when the peer rejects it, unless many others have been sent since
   * @returns false when it cannot be sent because no message id is free
   */
  sendNonConfirmable(body: MessageBody, onReset: () => void): boolean {
    const messageId = this.#nextMessageId();
    if (messageId === undefined) return false;
    this.#peer.send({ ...body, type: MessageType.NON, messageId });
    this.#rejectable.set(messageId, onReset);
    for (const oldest of this.#rejectable.keys()) {
      if (this.#rejectable.size <= MAX_REJECTABLE) break;
      this.#rejectable.delete(oldest);
    }
    return true;
  }

  onTimer(): void {
    this.#sender.onTimer();
  }

  close(): void {
    this.#exchanges.close();
    this.#sender.close();
    this.#rejectable.clear();
  }

  #onAcknowledgement(message: CoapMessage): void {
    if (message.code === EMPTY_CODE || isResponse(message.code)) {
      this.#sender.answered(message.messageId, 'acknowledged');
    }
  }

  #onReset(message: CoapMessage): void {
    if (message.code !== EMPTY_CODE || this.#sender.answered(message.messageId, 'reset')) return;
    const onReset = this.#rejectable.get(message.messageId);
    this.#rejectable.delete(message.messageId);
    onReset?.();
  }

  /** A ping (an Empty confirmable message), or a response although we never asked. */
  #onNoRequest(message: CoapMessage): void {
    if (message.code !== EMPTY_CODE) this.#settings.metrics.counters['coap.messages.unexpected'].value++;
    if (message.type !== MessageType.CON) return;
    this.#peer.send(emptyMessage(MessageType.RST, message.messageId));
    if (message.code === EMPTY_CODE) this.#user.onPing();
  }

  #onRequest(message: CoapMessage): MaybePromise<void> {
    const { clock, metrics } = this.#settings;
    const now = clock.monotonic();
    const known = this.#exchanges.find(message.messageId, now);
    if (known !== undefined) {
      metrics.counters['coap.requests.duplicate'].value++;
      if (known.reply !== undefined) this.#peer.sendAck(known.reply);
      return;
    }
    metrics.counters['coap.requests.received'].value++;
    const exchange = this.#exchanges.open(message, now);
    const response = this.#user.onRequest(message);
    if (isPromise(response)) return response.then((settled) => this.#answer(exchange, settled));
    this.#answer(exchange, response);
  }

  #answer(exchange: Exchange, response: Response): void {
    const reply = this.#replyTo(exchange, response);
    if (reply === undefined) return;
    if (exchange.confirmable) exchange.reply = reply;
    if (typeof response === 'object' && response.durable) this.#peer.sendAck(reply);
    else this.#peer.send(reply);
  }

  #replyTo({ confirmable, messageId, token }: Exchange, response: Response): CoapMessage | undefined {
    if (response === 'reset') return emptyMessage(MessageType.RST, messageId);
    if (response === 'silence') return confirmable ? emptyMessage(MessageType.ACK, messageId) : undefined;
    const { code, options, payload } = response;
    if (confirmable) return { type: MessageType.ACK, messageId, token, code, options, payload };
    const ownId = this.#nextMessageId();
    if (ownId === undefined) {
      this.#settings.metrics.counters['coap.responses.dropped'].value++;
      return undefined;
    }
    return { type: MessageType.NON, messageId: ownId, token, code, options, payload };
  }

  #nextMessageId(): number | undefined {
    return this.#messageIds.next(this.#settings.clock.monotonic());
  }
}
