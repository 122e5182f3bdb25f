import {
  type CoapMessage,
  EMPTY_CODE,
  emptyMessage,
  findOption,
  isCritical,
  isRequest,
  isResponse,
  type MessageHeader,
  MessageType,
  OptionNumber,
  optionDefinition,
} from '@portico/codec-coap';
import {
  type Clock,
  type Counter,
  isPromise,
  type MaybePromise,
  type Peer,
  Timer,
  type Timers,
} from '@portico/core';
import type { EndpointCounters } from '../counters.js';
import { type Answer, type Response, refused } from '../serving/response.js';
import {
  type Confirmable,
  ConfirmableSender,
  type MessageBody,
  type MessageIdSource,
} from './confirmable-sender.js';
import type { ExchangeBudget } from './exchange-budget.js';
import { type Exchange, Exchanges } from './exchanges.js';
import { LateAnswers } from './late-answers.js';
import { MessageIds } from './message-ids.js';
import { SeparateResponse } from './separate-response.js';
import type { TransmissionParameters } from './transmission.js';

/** Non-confirmable messages that a peer may still reject with a Reset. */
const MAX_REJECTABLE = 32;

const NOT_STORED = refused('storage_failed');

/** What all message layers of a gateway share. */
export interface MessageLayerSettings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly counters: EndpointCounters;
  /** Counts responses that arrive again; undefined where the hub asks nothing of its peers. */
  readonly duplicateResponses?: Counter;
  readonly parameters: TransmissionParameters;
  /** Requests of one peer remembered. */
  readonly maxExchanges: number;
  /** Requests of all peers remembered, but for the last few of each. */
  readonly exchangeBudget: ExchangeBudget;
  /** Confirmable messages that wait for one peer, requests (`max_requests`) among them; then the oldest is dropped. */
  readonly maxWaiting: number;
}

/** What stands above the message layer. */
export interface MessageLayerUser {
  /** A request, each once. Its bytes are borrowed until the call returns. */
  onRequest(message: CoapMessage): MaybePromise<Answer>;
  /**
   * A response, in a message of its own each once: to a request of the hub, or a notification. Its bytes are borrowed
   * until the call returns. Missing where the hub asks nothing of its peers.
   * @returns false for one that means nothing here: it is rejected with a Reset, unless it came in an acknowledgement
   */
  onResponse?(message: CoapMessage): boolean;
  /**
   * Whether the address may be that of somebody who has not asked for anything: what is not acknowledged is not sent there
   * again. Missing where no address has to prove itself.
   */
  readonly mayBeVictim?: boolean;
  /** The peer asked whether we are there, and has been answered. */
  onPing(): void;
  /** There are message ids again, after {@link MessageLayer.readyToSend} said that there are none. */
  onReadyToSend(): void;
}

/** Who wants to know what became of a non-confirmable message. */
export interface Rejectable {
  /** The peer rejected it with a Reset. */
  rejected(): void;
}

/**
 * The message layer of one peer, RFC 7252 §4: answers each request once and duplicates alike, piggybacks
 * responses on acknowledgements, sends confirmable messages until they are acknowledged, and rejects what it
 * has no use for.
 */
export class MessageLayer implements MessageIdSource {
  readonly #peer: Peer<CoapMessage>;
  readonly #settings: MessageLayerSettings;
  readonly #user: MessageLayerUser;
  readonly #exchanges: Exchanges;
  /** Undefined while nothing confirmable has been sent. */
  #sender: ConfirmableSender | undefined;
  /** Undefined while no message id has been needed. */
  #ids: MessageIds | undefined;
  /** Non-confirmable messages by message id; undefined while nobody wants to know of any. */
  #rejectable: Map<number, Rejectable> | undefined;
  /** Undefined while no response has come in a message of its own. */
  #responses: Exchanges | undefined;
  /** Undefined while no answer has to wait. */
  #late: LateAnswers | undefined;
  /** Fires when there are message ids again; undefined while there always were. */
  #idTimer: Timer | undefined;

  constructor(peer: Peer<CoapMessage>, settings: MessageLayerSettings, user: MessageLayerUser) {
    this.#peer = peer;
    this.#settings = settings;
    this.#user = user;
    this.#exchanges = this.#newExchanges();
  }

  /** One message of the peer. A promise when its answer has to wait. */
  receive(message: CoapMessage): MaybePromise<void> {
    if (message.type === MessageType.ACK) this.#onAcknowledgement(message);
    else if (message.type === MessageType.RST) this.#onReset(message);
    else if (isRequest(message.code)) return this.#onRequest(message);
    else if (message.code === EMPTY_CODE) this.#onEmpty(message);
    else this.#onResponse(message);
  }

  /**
   * A datagram that is not a message: a confirmable one is rejected with a Reset, anything else in silence
   * (RFC 7252 §4.2, §4.3).
   * @param header undefined when not even that much could be read
   */
  reject(header: MessageHeader | undefined): void {
    this.#settings.counters['messages.malformed'].value++;
    if (header?.type === MessageType.CON) this.#peer.send(emptyMessage(MessageType.RST, header.messageId));
  }

  sendConfirmable(item: Confirmable): void {
    this.#sender ??= this.#newSender();
    this.#sender.send(item);
  }

  /** Lets go of a confirmable message that has been answered otherwise, or is not wanted any more. */
  withdraw(item: Confirmable): void {
    this.#sender?.withdraw(item);
  }

  /** Whether there is a message id; if not, the user is told when there is. */
  readyToSend(): boolean {
    if (this.#idWait === 0) return true;
    this.#awaitMessageIds();
    return false;
  }

  /**
   * Sends it unless there is no message id; then it is counted.
   * @param rejectable told when the peer rejects it, unless many others have been sent since; undefined for nobody
   */
  sendNonConfirmable(body: MessageBody, rejectable: Rejectable | undefined): void {
    const messageId = this.#nextId();
    if (messageId === undefined) {
      this.#settings.counters['responses.dropped'].value++;
      return;
    }
    this.#peer.send({ ...body, type: MessageType.NON, messageId });
    if (rejectable === undefined) return;
    this.#rejectable ??= new Map();
    this.#rejectable.set(messageId, rejectable);
    for (const oldest of this.#rejectable.keys()) {
      if (this.#rejectable.size <= MAX_REJECTABLE) break;
      this.#rejectable.delete(oldest);
    }
  }

  onTimer(): void {
    this.#sender?.onTimer();
  }

  takeMessageId(): number | undefined {
    const messageId = this.#nextId();
    if (messageId === undefined) this.#awaitMessageIds();
    return messageId;
  }

  #nextId(): number | undefined {
    const { clock, parameters } = this.#settings;
    this.#ids ??= new MessageIds(clock, parameters.exchangeLifetime);
    return this.#ids.take();
  }

  /** Milliseconds until there is a message id. */
  get #idWait(): number {
    return this.#ids?.wait ?? 0;
  }

  #newSender(): ConfirmableSender {
    const { parameters, maxWaiting, counters } = this.#settings;
    const retransmitted = counters['messages.retransmitted'];
    return new ConfirmableSender(this.#peer, parameters, this, maxWaiting, retransmitted);
  }

  close(): void {
    if (this.#idTimer !== undefined) this.#settings.timers.cancel(this.#idTimer);
    this.#late?.close();
    this.#exchanges.close();
    this.#responses?.close();
    // What is to be sent from now on ends at once.
    this.#sender ??= this.#newSender();
    this.#sender.close();
    this.#rejectable = undefined;
  }

  #onAcknowledgement(message: CoapMessage): void {
    const { code, messageId } = message;
    if (isResponse(code) && this.#sender?.isInFlight(messageId) === true) this.#accept(message);
    if (code === EMPTY_CODE || isResponse(code)) this.#sender?.answered(messageId, 'acknowledged');
  }

  #onReset(message: CoapMessage): void {
    if (message.code !== EMPTY_CODE || this.#sender?.answered(message.messageId, 'reset') === true) return;
    const rejectable = this.#rejectable?.get(message.messageId);
    this.#rejectable?.delete(message.messageId);
    rejectable?.rejected();
  }

  /** A ping is an Empty confirmable message, RFC 7252 §4.3. */
  #onEmpty({ type, messageId }: CoapMessage): void {
    if (type !== MessageType.CON) return;
    this.#peer.send(emptyMessage(MessageType.RST, messageId));
    this.#user.onPing();
  }

  /** A response in a message of its own (RFC 7252 §5.2.2), or a code of no meaning. */
  #onResponse(message: CoapMessage): void {
    const now = this.#settings.clock.monotonic();
    const known = this.#responses?.find(message.messageId, now);
    if (known !== undefined) this.#onResponseAgain(known);
    else if (this.#accept(message)) this.#remember(message, now);
    else this.#rejectResponse(message);
  }

  #onResponseAgain({ reply }: Exchange): void {
    const { duplicateResponses } = this.#settings;
    if (duplicateResponses !== undefined) duplicateResponses.value++;
    if (reply !== undefined) this.#peer.send(reply);
  }

  /** @returns whether somebody here has a use for a response, and understands it (RFC 7252 §5.4.1) */
  #accept(message: CoapMessage): boolean {
    if (!isResponse(message.code) || !isUnderstood(message)) return false;
    return this.#user.onResponse?.(message) === true;
  }

  #remember(message: CoapMessage, now: number): void {
    this.#responses ??= this.#newExchanges();
    const exchange = this.#responses.open(message, now);
    if (!exchange.confirmable) return;
    exchange.reply = emptyMessage(MessageType.ACK, exchange.messageId);
    this.#peer.send(exchange.reply);
  }

  /** A notification that nobody wants any more is rejected even if it is non-confirmable, RFC 7641 §3.6. */
  #rejectResponse(message: CoapMessage): void {
    this.#settings.counters['messages.unexpected'].value++;
    const notifies =
      this.#user.onResponse !== undefined && findOption(message, OptionNumber.Observe) !== undefined;
    if (message.type !== MessageType.CON && !notifies) return;
    this.#peer.send(emptyMessage(MessageType.RST, message.messageId));
  }

  #newExchanges(): Exchanges {
    const { parameters, maxExchanges, exchangeBudget, counters } = this.#settings;
    return new Exchanges(parameters, maxExchanges, exchangeBudget, counters['exchanges.evicted']);
  }

  #onRequest(message: CoapMessage): MaybePromise<void> {
    const { clock, counters } = this.#settings;
    const now = clock.monotonic();
    const known = this.#exchanges.find(message.messageId, now);
    if (known !== undefined) {
      counters['requests.duplicate'].value++;
      if (known.reply !== undefined) this.#peer.send(known.reply);
      return;
    }
    counters['requests.received'].value++;
    const exchange = this.#exchanges.open(message, now);
    const answer = this.#user.onRequest(message);
    if (!isPromise(answer)) {
      this.#answer(exchange, answer);
      return;
    }
    this.#answersLate(exchange);
    return answer.then((settled) => this.#answer(exchange, settled));
  }

  /** Answers when what the request published is durable. */
  #answer(exchange: Exchange, answer: Answer): void {
    const waits =
      answer.durable &&
      this.#peer.whenDurable((durable) => this.#reply(exchange, durable ? answer : NOT_STORED));
    if (waits) this.#answersLate(exchange);
    else this.#reply(exchange, answer);
  }

  #answersLate(exchange: Exchange): void {
    const { timers, parameters } = this.#settings;
    this.#late ??= new LateAnswers(timers, parameters.piggybackTime, (late) => this.#acknowledge(late));
    this.#late.begin(exchange);
  }

  /** The answer of an exchange is there. @returns whether its request has been acknowledged meanwhile */
  #endsLate(exchange: Exchange): boolean {
    const late = this.#late;
    if (late === undefined) return false;
    const acknowledged = late.end(exchange);
    if (late.isEmpty) this.#late = undefined;
    return acknowledged;
  }

  /** Acknowledges a request whose answer is to come in a message of its own, RFC 7252 §5.2.2. */
  #acknowledge(exchange: Exchange): void {
    exchange.reply = emptyMessage(MessageType.ACK, exchange.messageId);
    this.#peer.send(exchange.reply);
  }

  #reply(exchange: Exchange, answer: Answer): void {
    if (this.#endsLate(exchange)) {
      if (answer.kind === 'response') this.#respondSeparately(exchange.token, answer);
      return;
    }
    const reply = exchange.confirmable
      ? acknowledgement(exchange, answer)
      : this.#nonConfirmableReply(exchange, answer);
    if (reply === undefined) return;
    if (exchange.confirmable) exchange.reply = reply;
    this.#peer.send(reply);
  }

  /** A response in a message of its own, RFC 7252 §5.2.2. */
  #respondSeparately(token: Buffer, answer: Response): void {
    const response = new SeparateResponse(token, answer, this.#settings.counters);
    if (this.#user.mayBeVictim === true) this.sendNonConfirmable(response.compose(), undefined);
    else this.sendConfirmable(response);
  }

  /** The answer to a non-confirmable request: a message of its own, RFC 7252 §5.2.3. */
  #nonConfirmableReply({ messageId, token }: Exchange, answer: Answer): CoapMessage | undefined {
    if (answer.kind === 'reset') return emptyMessage(MessageType.RST, messageId);
    if (answer.kind === 'silence') return undefined;
    const own = this.#nextId();
    if (own === undefined) {
      this.#settings.counters['responses.dropped'].value++;
      return undefined;
    }
    const { code, options, payload } = answer;
    return { type: MessageType.NON, messageId: own, token, code, options, payload };
  }

  /** All message ids are in use: goes on when the first of them are free again (RFC 7252 §4.4). */
  #awaitMessageIds(): void {
    this.#idTimer ??= new Timer(() => {
      this.#sender?.goOn();
      this.#user.onReadyToSend();
    });
    if (!this.#idTimer.armed) this.#settings.timers.arm(this.#idTimer, this.#idWait);
  }
}

/** Whether all critical options of a message are known. */
function isUnderstood({ options }: CoapMessage): boolean {
  return options.every(({ number }) => !isCritical(number) || optionDefinition(number) !== undefined);
}

/** The answer to a confirmable request: the acknowledgement, with the response on it (RFC 7252 §5.2.1). */
function acknowledgement({ messageId, token }: Exchange, answer: Answer): CoapMessage {
  switch (answer.kind) {
    case 'reset':
      return emptyMessage(MessageType.RST, messageId);
    case 'silence':
      return emptyMessage(MessageType.ACK, messageId);
    case 'response': {
      const { code, options, payload } = answer;
      return { type: MessageType.ACK, messageId, token, code, options, payload };
    }
  }
}
