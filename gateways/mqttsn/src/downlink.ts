import {
  type PublishMessage,
  ReturnCode,
  shortTopicId,
  type TopicAckMessage,
  TopicIdType,
} from '@portico/codec-mqtt-sn';
import {
  type AckResult,
  type AttachedSession,
  type DeliverResult,
  isPromise,
  type MaybePromise,
  type Message,
  type QoS,
  Timer,
} from '@portico/core';
import type { SnAddress } from './address.js';
import type { TopicTarget } from './predefined-topics.js';
import type { Registrations } from './registrations.js';
import { RetryCount } from './retry-count.js';
import type { Shared } from './shared.js';

/** Messages that wait for a REGACK, above which those of QoS 0 are dropped. */
const MAX_HELD = 100;
/** The same behind answers that are not durable yet: those to all wireless nodes of a forwarder, answers included. */
const MAX_BEHIND_ACKS = 1000;
/** Octets of a PUBLISH before its data, with a length of three octets. */
const PUBLISH_HEADER = 9;
/** Octets of a REGISTER before its topic name, with a length of three octets. */
const REGISTER_HEADER = 8;
/** Bytes of a UDP datagram over IPv4. */
const MAX_DATAGRAM = 65_507;
const LAST_MSG_ID = 0xffff;

/** A message on its way to the client. */
interface Held {
  readonly target: TopicTarget;
  readonly publish: PublishMessage;
}

/** Whose messages they are. */
export interface Recipient {
  readonly address: SnAddress;
  readonly registrations: Registrations;
  readonly session: AttachedSession | undefined;
  /** It has been given a topic id. */
  registered(): void;
  /** It has not answered `max_retries` times. */
  unanswered(): void;
}

/**
 * Messages to one client, MQTT-SN 1.2 §6.6 and §6.10: each with a topic id that the client knows, which it is told
 * first if need be, one REGISTER at a time and in order. It is its own timer, for that REGISTER; PUBLISH and PUBREL are
 * sent again by the session.
 */
export class Downlink extends Timer {
  readonly #client: Recipient;
  readonly #shared: Shared;
  readonly #retries = new RetryCount();
  /** In the order in which they are to be sent; the first one's topic is being registered. */
  #held: Held[] | undefined;
  /** MsgId of the REGISTER that is not answered. */
  #registering: number | undefined;
  #registersAgain = 0;
  #lastMsgId = 0;
  #corked = false;

  constructor(client: Recipient, shared: Shared) {
    super();
    this.#client = client;
    this.#shared = shared;
  }

  /** Whether nothing waits for a REGACK. */
  get idle(): boolean {
    return this.#held === undefined;
  }

  /** See `SessionHandler.deliver`. */
  deliver(
    message: Message,
    topic: string,
    qos: QoS,
    packetId: number,
    retain: boolean,
    dup: boolean,
  ): DeliverResult {
    const found = this.#find(topic);
    if (!this.#fits(message, topic, found?.known === true)) return 'too_large';
    if (packetId > 0 && (this.#isHeld(packetId) || !this.#maySend(packetId))) return 'ok';
    const target = found ?? this.#assign(topic);
    if (target === undefined) return 'no_topic_id';
    const { topicIdType, id: topicId } = target;
    const data = message.payload;
    const publish = {
      type: 'publish',
      dup,
      qos,
      retain,
      topicIdType,
      topicId,
      msgId: packetId,
      data,
    } as const;
    if (this.#goesAtOnce(target) && this.#client.address.held === 0) this.#client.address.send(publish);
    else if (qos === 0 && this.#isFull) return 'qos0_msg';
    else this.#sendLater({ target, publish: { ...publish, data: message.keep().payload } });
    return 'ok';
  }

  /** See `SessionHandler.release`. */
  release(msgId: number): void {
    if (this.#maySend(msgId)) this.#client.address.sendAck({ type: 'pubrel', msgId });
  }

  /** Holds messages back until {@link uncork}: what the client has just sent is to be answered first. */
  cork(): void {
    this.#corked = true;
  }

  uncork(): void {
    this.#corked = false;
    this.#flush();
  }

  /** The client is away: what is unacknowledged comes from the session again when it is back, the rest waits here. */
  suspend(): void {
    this.#corked = false;
    this.#retries.reset();
    this.#stopRegistering();
    const others = this.#held?.filter(({ publish }) => publish.qos === 0) ?? [];
    this.#held = others.length === 0 ? undefined : others;
  }

  /** The client is back. */
  resume(): void {
    this.#flush();
  }

  /** The connection is over. */
  close(): void {
    this.#stopRegistering();
    this.#held = undefined;
  }

  // What the client answers

  onRegack({ msgId, returnCode }: TopicAckMessage): MaybePromise<void> {
    const first = this.#held?.[0];
    if (first === undefined || msgId !== this.#registering) {
      this.#unexpected();
      return;
    }
    if (returnCode === ReturnCode.congestion) {
      // It is there, and may take the topic later: it is asked again, however often.
      this.#registersAgain = 0;
      return;
    }
    this.#stopRegistering();
    const accepted = returnCode === ReturnCode.accepted;
    if (accepted) this.#client.registrations.know(first.target.id);
    const ending = accepted ? undefined : this.#refused(first.target);
    this.#flush();
    return ending;
  }

  onPuback({ topicId, msgId, returnCode }: TopicAckMessage): void {
    const { session, registrations } = this.#client;
    if (returnCode === ReturnCode.invalidTopicId) {
      // The session sends the message again, and the topic is registered before.
      if (registrations.doubt(topicId) || msgId === 0) return;
    }
    this.#retries.answered(msgId);
    // The session sends the message again later, however often.
    if (returnCode === ReturnCode.congestion) return;
    if (returnCode === ReturnCode.accepted) this.#judge(session?.acked(msgId));
    else this.#judge(session?.abandoned(msgId) === true ? 'ok' : 'unknown');
  }

  onPubrec(msgId: number): void {
    this.#retries.answered(msgId);
    const result = this.#client.session?.received(msgId);
    this.#judge(result);
    // Or the client would never come to an end with it.
    if (result === 'unknown') this.#client.address.sendAck({ type: 'pubrel', msgId });
  }

  onPubcomp(msgId: number): void {
    this.#retries.answered(msgId);
    this.#judge(this.#client.session?.completed(msgId));
  }

  #judge(result: AckResult | undefined): void {
    if (result !== 'ok') this.#unexpected();
  }

  #unexpected(): void {
    this.#counters['mqttsn.messages.unexpected'].value++;
  }

  // Topic ids

  /** Whether a datagram can hold the message, and the REGISTER that has to go before it, MQTT-SN 1.2 §6.10. */
  #fits(message: Message, topic: string, known: boolean): boolean {
    const room = MAX_DATAGRAM - this.#client.address.overhead;
    if (message.payload.length > room - PUBLISH_HEADER) return false;
    return known || Buffer.byteLength(topic) <= room - REGISTER_HEADER;
  }

  #find(topic: string): TopicTarget | undefined {
    const found = this.#client.registrations.find(topic) ?? this.#shared.predefined.find(topic);
    if (found !== undefined) return found;
    const short = shortTopicId(topic);
    return short === undefined
      ? undefined
      : { topicIdType: TopicIdType.short, id: short, topic, known: true };
  }

  /** Undefined when the client has no topic id left. */
  #assign(topic: string): TopicTarget | undefined {
    const registration = this.#client.registrations.assign(topic);
    if (registration !== undefined) this.#client.registered();
    return registration;
  }

  #goesAtOnce(target: TopicTarget): boolean {
    return target.known && this.#held === undefined && !this.#corked;
  }

  get #isFull(): boolean {
    return (this.#held?.length ?? 0) >= MAX_HELD || this.#client.address.held >= MAX_BEHIND_ACKS;
  }

  #sendLater(held: Held): void {
    if (this.#goesAtOnce(held.target)) {
      this.#client.address.send(held.publish);
      return;
    }
    this.#held ??= [];
    this.#held.push(held);
    if (this.#held.length === 1) this.#flush();
  }

  #isHeld(packetId: number): boolean {
    return this.#held?.some(({ publish }) => publish.msgId === packetId) === true;
  }

  /** Sends what no longer has to wait. */
  #flush(): void {
    while (this.#held !== undefined && this.#registering === undefined && !this.#corked) {
      const first = this.#held[0];
      if (first === undefined) this.#held = undefined;
      else if (!first.target.known) this.#register(first.target);
      else {
        this.#held.shift();
        this.#client.address.send(first.publish);
      }
    }
  }

  #register(target: TopicTarget): void {
    this.#lastMsgId = this.#lastMsgId === LAST_MSG_ID ? 1 : this.#lastMsgId + 1;
    this.#registering = this.#lastMsgId;
    this.#registersAgain = 0;
    this.#sendRegister(target);
  }

  #sendRegister({ id: topicId, topic: topicName }: TopicTarget): void {
    const msgId = this.#lastMsgId;
    this.#client.address.sendAck({ type: 'register', topicId, msgId, topicName });
    this.#shared.context.timers.arm(this, this.#shared.config.retry_interval);
  }

  #stopRegistering(): void {
    this.#registering = undefined;
    this.#shared.context.timers.cancel(this);
  }

  /** The REGISTER has not been answered. */
  override fire(): void {
    const first = this.#held?.[0];
    if (first === undefined) return;
    if (this.#registersAgain >= this.#shared.config.max_retries) {
      this.#client.unanswered();
      return;
    }
    this.#registersAgain++;
    this.#counters['mqttsn.register.retransmitted'].value++;
    this.#sendRegister(first.target);
  }

  /**
   * The client does not want the topic: messages for it are dropped, and a subscription of that name ends, MQTT-SN 1.2
   * §6.10; one with wildcards goes on.
   */
  #refused(target: TopicTarget): MaybePromise<void> {
    this.#counters['mqttsn.register.refused'].value++;
    const ending = this.#unsubscribe(target.topic);
    const [refused, left] = divide(this.#held ?? [], (held) => held.target === target);
    this.#held = left;
    for (const { publish } of refused) {
      this.#counters['mqttsn.delivery.dropped.not_registered'].value++;
      if (publish.qos > 0) this.#client.session?.abandoned(publish.msgId);
    }
    return ending;
  }

  #unsubscribe(topic: string): MaybePromise<void> {
    const { session } = this.#client;
    if (session?.filters.includes(topic) !== true) return;
    const result = session.unsubscribe(topic);
    if (isPromise(result)) return result.then(() => undefined);
  }

  // Retransmission

  /** @returns false when the message has been sent often enough */
  #maySend(packetId: number): boolean {
    if (this.#retries.sent(packetId) <= this.#shared.config.max_retries) return true;
    this.#client.unanswered();
    return false;
  }

  get #counters() {
    return this.#shared.metrics.counters;
  }
}

function divide<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  const chosen: Item[] = [];
  const left: Item[] = [];
  for (const item of items) (test(item) ? chosen : left).push(item);
  return [chosen, left];
}
