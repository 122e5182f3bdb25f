import type { Timer } from '../runtime/timers.js';
import type { Attachment } from './attachment.js';
import { SlowConsumer } from './backpressure.js';
import type { DeliveryFacts } from './durable/delivery-record.js';
import type { StoredDelivery } from './durable/stored-delivery.js';
import type { Engine } from './engine.js';
import type { DeliveryDrop } from './engine-metrics.js';
import { type InflightDelivery, InflightWindow } from './inflight.js';
import type { Message, QoS } from './message.js';
import { MessageQueue, QueuedDelivery } from './message-queue.js';
import { PriorityQueue, priorityOf } from './priority-queue.js';
import { RetainedFeeds } from './retained-feeds.js';
import type { Session } from './session.js';
import type { Subscription } from './subscription.js';
import type { AckResult, SessionOptions } from './types.js';

/** Messages sent in one go when a client comes back or catches up; the rest follows in the next turns. */
const BURST = 1000;

/** Waiting messages of a durable session that are in memory too, from the front of its queue; the rest is on disk. */
const READ_AHEAD = 100;

function newQueue({ maxMqueueLen, priorities }: SessionOptions): MessageQueue | PriorityQueue {
  return priorities === undefined ? new MessageQueue(maxMqueueLen) : new PriorityQueue(maxMqueueLen);
}

/**
 * The outbound half of a session: from a matched subscription to the channel, by way of the inflight window and
 * the queue. For a durable session everything of QoS 1 and 2 is in the store as long as it is here.
 */
export class Outbound {
  readonly #session: Session;
  readonly #engine: Engine;
  #queue: MessageQueue | PriorityQueue | undefined;
  /** Bytes of the messages in the queue that are in memory. */
  #queuedBytes = 0;
  #inflight: InflightWindow | undefined;
  #slow: SlowConsumer | undefined;
  #feeds: RetainedFeeds | undefined;
  #retryTimer: Timer | undefined;
  #dropped = 0;
  #pumping = false;
  /** More is sent in the next turn of the event loop; until then retained messages wait. */
  #pumpDue = false;
  #endDue = false;
  /** Messages are being read from the store. */
  #loading = false;

  constructor(session: Session, engine: Engine) {
    this.#session = session;
    this.#engine = engine;
  }

  get inflight(): number {
    return this.#inflight?.size ?? 0;
  }

  get queued(): number {
    return this.#queue?.length ?? 0;
  }

  /** Deliveries that the queue had no room for. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A new connection: what is unacknowledged has to be sent again. */
  reattached(): void {
    this.#inflight?.markAllStale();
  }

  /** Other limits hold: what no longer fits into the queue is dropped. */
  adopt(): void {
    const queue = this.#queue;
    this.#queue = undefined;
    this.#queuedBytes = 0;
    for (const delivery of queue?.drain() ?? []) this.#push(delivery);
  }

  /** The connection is gone: nothing is delivered any more. */
  detached(): void {
    this.#slow?.caughtUp();
    this.#cancelRetry();
    if (this.#session.durable) this.#leaveToStore();
  }

  /** What is on disk need not be in memory while the client is away. */
  #leaveToStore(): void {
    for (const delivery of this.#inflight?.values() ?? []) {
      if (delivery.stored !== undefined) this.#inflight?.setMessage(delivery, undefined);
    }
    let seen = 0;
    for (const delivery of this.#queue?.values() ?? []) {
      if (seen++ === READ_AHEAD) break;
      if (delivery.stored !== undefined) this.#setMessage(delivery, undefined);
    }
  }

  #setMessage(delivery: QueuedDelivery, message: Message | undefined): void {
    this.#queuedBytes += (message?.size ?? 0) - (delivery.message?.size ?? 0);
    delivery.message = message;
  }

  /** A message that matched one of the session's subscriptions. */
  deliver(message: Message, matched: Subscription): void {
    const { forOwn } = matched;
    const subscription = forOwn !== undefined && this.#session.isOwn(message) ? forOwn : matched;
    if (this.#session.declines(message, subscription)) {
      this.#drop(message, 'no_local');
      return;
    }
    this.#offer(message, subscription, subscription.retainAsPublished && message.retain);
  }

  /** Sends a new subscription its retained messages, from the next turn on and as fast as the client takes them. */
  feed({ filter, route }: Subscription): void {
    this.#feeds ??= new RetainedFeeds((searched) => this.#engine.retained.match(searched));
    this.#feeds.add(filter, route);
    if (!this.#pumpDue) this.#pumpInNextTurn();
  }

  /** A subscription is gone, and with it the retained messages that it has not been sent. */
  unsubscribed(filter: string): void {
    this.#feeds?.delete(filter);
  }

  #offer(message: Message, subscription: Subscription, retain: boolean): void {
    const { mountLength } = subscription;
    if (mountLength > 0 && message.topic.length <= mountLength) {
      this.#drop(message, 'outside_mountpoint');
      return;
    }
    const qos = this.#effectiveQos(message.qos, subscription.qos);
    const { attachment } = this.#session;
    if (attachment === undefined) {
      if (qos === 0 && !this.#session.options.mqueueStoreQos0) this.#drop(message, 'qos0_msg');
      else this.#enqueue(message, subscription, qos, retain);
      return;
    }
    if (!attachment.ready) {
      if (attachment.congested) this.#noteSlow();
      this.#enqueue(message, subscription, qos, retain);
    } else if (qos === 0) {
      if (this.#queue?.hasQos0) this.#enqueue(message, subscription, qos, retain);
      else this.#send(attachment, message, subscription, 0, 0, retain, false);
    } else if (this.queued > 0 || this.#inflight?.hasStale || !this.#windowOpen(attachment)) {
      this.#enqueue(message, subscription, qos, retain);
    } else if (qos === 2 && this.#session.durable) {
      this.#enqueue(message, subscription, qos, retain);
      this.pump();
    } else {
      this.#sendNew(attachment, message, subscription, qos, retain);
    }
  }

  #effectiveQos(published: QoS, granted: QoS): QoS {
    const { upgradeQos, maxQos } = this.#session.options;
    if (!upgradeQos) return published < granted ? published : granted;
    return Math.min(Math.max(published, granted), maxQos) as QoS;
  }

  #windowOpen(attachment: Attachment): boolean {
    const inflight = this.#inflight;
    return inflight === undefined || (inflight.sent < attachment.window && inflight.hasRoom);
  }

  /** Sends a message that need not wait. */
  #sendNew(
    attachment: Attachment,
    message: Message,
    subscription: Subscription,
    qos: QoS,
    retain: boolean,
  ): void {
    const stored = this.#store(message, subscription, qos, retain, 0, true);
    this.#sendTracked(attachment, message.keep(), subscription, qos, retain, stored);
  }

  #sendTracked(
    attachment: Attachment,
    message: Message,
    subscription: Subscription,
    qos: QoS,
    retain: boolean,
    stored: StoredDelivery | undefined,
  ): void {
    this.#inflight ??= new InflightWindow();
    const now = this.#engine.clock.monotonic();
    const packetId = stored?.packetId ?? this.#inflight.nextId();
    const delivery = this.#inflight.add(packetId, message, subscription, qos, retain, now, stored);
    if (!this.#send(attachment, message, subscription, qos, packetId, retain, false)) {
      this.#inflight.delete(delivery);
      this.#forget(stored);
      return;
    }
    this.#armRetry(attachment);
    if (this.#holdsTooMuch()) this.#endInNextTurn();
  }

  /** @returns false when the client can never take the message */
  #send(
    attachment: Attachment,
    original: Message,
    subscription: Subscription,
    qos: QoS,
    packetId: number,
    retain: boolean,
    dup: boolean,
  ): boolean {
    const engine = this.#engine;
    let message = original;
    if (!engine.hooks.messageDelivered.empty) message = engine.runDelivered(this.#session.client, original);
    const topic =
      subscription.mountLength === 0 ? message.topic : message.topic.slice(subscription.mountLength);
    if (attachment.handler.deliver(message, topic, subscription, qos, packetId, retain, dup)) {
      engine.metrics.countSent(qos);
      return true;
    }
    this.#drop(message, 'too_large');
    return false;
  }

  #enqueue(message: Message, subscription: Subscription, qos: QoS, retain: boolean): void {
    const { options, attachment } = this.#session;
    const priority = options.priorities && priorityOf(options.priorities, message.topic, subscription);
    const stored = this.#store(message, subscription, qos, retain, priority ?? 0, false);
    const inMemory = stored === undefined || (attachment !== undefined && this.queued < READ_AHEAD);
    const held = inMemory ? message.keep() : undefined;
    this.#push(new QueuedDelivery(held, subscription, qos, retain, priority, stored));
    if (this.#holdsTooMuch()) this.#endInNextTurn();
  }

  #push(delivery: QueuedDelivery): void {
    this.#queue ??= newQueue(this.#session.options);
    this.#queuedBytes += delivery.message?.size ?? 0;
    const dropped = this.#queue.push(delivery);
    if (dropped === undefined) return;
    this.#out(dropped);
    this.#dropQueued(dropped, dropped.qos === 0 ? 'qos0_msg' : 'queue_full');
  }

  /** Takes care of what left the queue. */
  #out(delivery: QueuedDelivery): void {
    this.#queuedBytes -= delivery.message?.size ?? 0;
  }

  #heldBytes(): number {
    return this.#queuedBytes + (this.#inflight?.bytes ?? 0);
  }

  #holdsTooMuch(): boolean {
    const { maxHeldBytes } = this.#session.options;
    return maxHeldBytes > 0 && this.#heldBytes() > maxHeldBytes;
  }

  /** Not at once: the message may be on its way to others. */
  #endInNextTurn(): void {
    if (this.#endDue) return;
    this.#endDue = true;
    this.#engine.nextTurn(() => {
      this.#endDue = false;
      if (this.#holdsTooMuch()) this.#engine.overBound(this.#session, this.#heldBytes());
    });
  }

  // The store

  /** Puts a delivery of a durable session into the store; undefined when there is nothing to store. */
  #store(
    message: Message,
    subscription: Subscription,
    qos: QoS,
    retain: boolean,
    priority: number,
    sent: boolean,
  ): StoredDelivery | undefined {
    if (qos === 0 || !this.#session.durable) return undefined;
    this.#inflight ??= new InflightWindow();
    const packetId = this.#inflight.nextId();
    const facts = { session: this.#session.number, packetId, qos, retain, priority, sent };
    return this.#engine.records?.storeDelivery(message, subscription, facts);
  }

  #forget(stored: StoredDelivery | undefined): void {
    if (stored !== undefined) this.#engine.records?.forget(stored);
  }

  /** Puts everything into the store, of a session that has become durable. */
  storeAll(): void {
    for (const delivery of this.#inflight?.values() ?? []) {
      const { message, subscription } = delivery;
      if (message === undefined) continue;
      delivery.stored ??= this.#engine.records?.storeDelivery(message, subscription, this.#facts(delivery));
    }
    for (const delivery of this.#queue?.values() ?? []) {
      const { message, subscription, qos, retain, priority } = delivery;
      if (message === undefined) continue;
      delivery.stored ??= this.#store(message, subscription, qos, retain, priority, false);
    }
  }

  /** What is known of a delivery that has been sent. */
  #facts({ packetId, qos, retain }: InflightDelivery): DeliveryFacts {
    return { session: this.#session.number, packetId, qos, retain, priority: 0, sent: true };
  }

  /** Takes back what the store has kept, in the order in which it was stored. */
  restore(stored: StoredDelivery, subscription: Subscription, facts: DeliveryFacts): void {
    const { packetId, qos, retain, priority, sent } = facts;
    this.#inflight ??= new InflightWindow();
    this.#inflight.lastId = packetId;
    if (!sent) {
      this.#push(new QueuedDelivery(undefined, subscription, qos, retain, priority, stored));
      return;
    }
    const delivery = this.#inflight.add(packetId, undefined, subscription, qos, retain, 0, stored);
    if (stored.body === undefined) this.#inflight.letGo(delivery);
  }

  /** Reads what comes next from the store, and goes on sending when it is there. */
  #load(): void {
    const { records } = this.#engine;
    if (this.#loading || records === undefined) return;
    this.#loading = true;
    const inflight = [...(this.#inflight?.unread() ?? [])];
    const queued = [...this.#unreadAhead()];
    const stored = [...inflight, ...queued].flatMap((delivery) => delivery.stored ?? []);
    records.readMessages(stored).then(
      (messages) => {
        this.#loading = false;
        for (const delivery of inflight) this.#loadedInflight(delivery, messages);
        for (const delivery of queued) this.#loadedQueued(delivery, messages);
        this.pump();
      },
      (error: unknown) => {
        this.#loading = false;
        this.#engine.log.error({ err: error }, 'stored messages could not be read');
      },
    );
  }

  *#unreadAhead(): Generator<QueuedDelivery> {
    let seen = 0;
    for (const delivery of this.#queue?.values() ?? []) {
      if (seen++ === READ_AHEAD) return;
      if (delivery.message === undefined) yield delivery;
    }
  }

  #loadedInflight(delivery: InflightDelivery, messages: ReadonlyMap<StoredDelivery, Message>): void {
    const { stored } = delivery;
    if (stored === undefined || stored.gone || this.#session.attachment === undefined) return;
    const message = messages.get(stored);
    if (message !== undefined) this.#inflight?.setMessage(delivery, message);
    else {
      this.#inflight?.delete(delivery);
      this.#dropStored(stored, undefined, 'lost');
    }
  }

  #loadedQueued(delivery: QueuedDelivery, messages: ReadonlyMap<StoredDelivery, Message>): void {
    const { stored } = delivery;
    if (stored === undefined || stored.gone || this.#session.attachment === undefined) return;
    const message = messages.get(stored);
    if (message !== undefined) this.#setMessage(delivery, message);
    else if (this.#queue?.remove(delivery)) this.#dropStored(stored, undefined, 'lost');
  }

  // Dropping

  #drop(message: Message, reason: DeliveryDrop): void {
    if (reason === 'queue_full' || reason === 'qos0_msg') this.#dropped++;
    this.#engine.dropDelivery(message, reason, this.#session.client);
  }

  /** @param delivery is no longer in the queue */
  #dropQueued(delivery: QueuedDelivery, reason: DeliveryDrop): void {
    if (delivery.stored !== undefined) this.#dropStored(delivery.stored, delivery.message, reason);
    else if (delivery.message !== undefined) this.#drop(delivery.message, reason);
  }

  #dropStored(stored: StoredDelivery, message: Message | undefined, reason: DeliveryDrop): void {
    if (reason === 'queue_full') this.#dropped++;
    this.#engine.dropStored(stored, message, reason, this.#session.client);
  }

  #noteSlow(): void {
    this.#slow ??= new SlowConsumer(this.#engine.backpressure, this.#session);
    this.#slow.notWritable();
  }

  // Sending what waits

  /** Sends what waits, as far as the connection and the window allow. @returns how many messages it has looked at */
  pump(): number {
    const { attachment } = this.#session;
    if (attachment === undefined || this.#pumping) return 0;
    this.#pumping = true;
    let budget = BURST;
    try {
      while (budget > 0 && attachment.ready && this.#session.attachment === attachment) {
        if (!this.#pumpOne(attachment)) break;
        budget--;
      }
      if (budget === 0 && !this.#pumpDue) this.#pumpInNextTurn();
    } finally {
      this.#pumping = false;
    }
    if (this.#slow !== undefined && attachment.ready && !this.#queue?.hasQos0) this.#slow.caughtUp();
    return BURST - budget;
  }

  #pumpInNextTurn(): void {
    this.#pumpDue = true;
    this.#engine.pumps.add(this);
  }

  /** See {@link PumpTurns}. @returns how many messages it has looked at */
  pumpInTurn(): number {
    this.#pumpDue = false;
    return this.pump();
  }

  /** @returns false when there is nothing to send, or no room for it */
  #pumpOne(attachment: Attachment): boolean {
    const open = this.#windowOpen(attachment);
    const stale = this.#inflight?.firstStale();
    if (stale !== undefined && open) return this.#pumpStale(attachment, stale);
    const first = this.#queue?.peek();
    if (first === undefined) return open && !this.#pumpDue && this.#feedOne();
    const blocked = first.qos !== 0 && (stale !== undefined || !open || this.#mustWait(first));
    const next = blocked ? this.#queue?.shiftQos0() : this.#shift(first);
    if (next === undefined) return false;
    this.#out(next);
    this.#sendQueued(attachment, next);
    return true;
  }

  /** @returns false when it has to be read first */
  #pumpStale(attachment: Attachment, stale: InflightDelivery): boolean {
    if (stale.message === undefined && !stale.released) {
      this.#load();
      return false;
    }
    this.#resend(attachment, stale);
    this.#armRetry(attachment);
    return true;
  }

  /** Takes the first delivery out of the queue; undefined when it has to be read first. */
  #shift(first: QueuedDelivery): QueuedDelivery | undefined {
    if (first.message !== undefined) return this.#queue?.shift();
    this.#load();
    return undefined;
  }

  /**
   * Whether a stored delivery may not leave yet: its packet identifier is taken, or it is of QoS 2, which nobody
   * must see twice, and a hub that fell now would not know of it any more.
   */
  #mustWait({ stored, qos }: QueuedDelivery): boolean {
    if (stored === undefined) return false;
    if (this.#inflight?.get(stored.packetId) !== undefined) return true;
    return qos === 2 && this.#engine.records?.isSettled(stored, this) === false;
  }

  /** @returns false when there are no retained messages to send */
  #feedOne(): boolean {
    const found = this.#feeds?.next();
    if (found === undefined) {
      this.#feeds = undefined;
      return false;
    }
    const subscription = this.#session.subscriptions.get(found.filter);
    if (subscription === undefined || found.message === undefined) return true;
    if (!this.#session.declines(found.message, subscription)) this.#offer(found.message, subscription, true);
    return true;
  }

  #sendQueued(attachment: Attachment, queued: QueuedDelivery): void {
    const { message, subscription, qos, retain, stored } = queued;
    if (message === undefined) return;
    if (message.expiresAt <= this.#engine.clock.now()) this.#dropQueued(queued, 'expired');
    else if (qos === 0) this.#send(attachment, message, subscription, 0, 0, retain, false);
    else {
      if (stored !== undefined) this.#markSent(queued, stored);
      this.#sendTracked(attachment, message, subscription, qos, retain, stored);
    }
  }

  /** Should the hub fall, the message is sent again as one that may have been sent before. */
  #markSent({ subscription, qos, retain, priority }: QueuedDelivery, stored: StoredDelivery): void {
    const { packetId } = stored;
    const facts = { session: this.#session.number, packetId, qos, retain, priority, sent: true };
    this.#engine.records?.markSent(stored, subscription, facts);
  }

  #resend(attachment: Attachment, delivery: InflightDelivery): void {
    this.#inflight?.resent(delivery, this.#engine.clock.monotonic());
    const { message, subscription, qos, packetId, retain } = delivery;
    if (message === undefined) attachment.handler.release(packetId);
    else if (!this.#send(attachment, message, subscription, qos, packetId, retain, true)) {
      this.#inflight?.delete(delivery);
      this.#forget(delivery.stored);
    }
  }

  // What the client answers

  /** See `AttachedSession.acked`. */
  acked(packetId: number): AckResult {
    const delivery = this.#inflight?.get(packetId);
    if (delivery === undefined) return 'unknown';
    if (delivery.qos !== 1) return 'unexpected';
    this.#finish(delivery);
    return 'ok';
  }

  /** See `AttachedSession.abandoned`. */
  abandoned(packetId: number): boolean {
    const delivery = this.#inflight?.get(packetId);
    if (delivery === undefined || delivery.qos !== 1) return false;
    this.#inflight?.delete(delivery);
    this.#forget(delivery.stored);
    if (delivery.message !== undefined) this.#drop(delivery.message, 'abandoned');
    this.pump();
    return true;
  }

  /** See `AttachedSession.received`. */
  received(packetId: number): AckResult {
    const delivery = this.#inflight?.get(packetId);
    if (delivery === undefined) return 'unknown';
    if (delivery.qos !== 2) return 'unexpected';
    if (!delivery.released) {
      if (delivery.message !== undefined) this.#engine.countAcked(this.#session.client, delivery.message);
      if (delivery.stored !== undefined) {
        this.#engine.records?.markReceived(delivery.stored, delivery.subscription, this.#facts(delivery));
      }
      this.#inflight?.letGo(delivery);
    }
    this.#inflight?.resent(delivery, this.#engine.clock.monotonic());
    this.#session.attachment?.handler.release(packetId);
    return 'ok';
  }

  /** See `AttachedSession.refused`. */
  refused(packetId: number): AckResult {
    const delivery = this.#inflight?.get(packetId);
    if (delivery === undefined) return 'unknown';
    if (delivery.qos !== 2) return 'unexpected';
    this.#finish(delivery);
    return 'ok';
  }

  /** See `AttachedSession.completed`. */
  completed(packetId: number): AckResult {
    const delivery = this.#inflight?.get(packetId);
    if (delivery === undefined) return 'unknown';
    if (delivery.qos !== 2 || !delivery.released) return 'unexpected';
    this.#finish(delivery);
    return 'ok';
  }

  #finish(delivery: InflightDelivery): void {
    this.#inflight?.delete(delivery);
    this.#forget(delivery.stored);
    if (delivery.message !== undefined) this.#engine.countAcked(this.#session.client, delivery.message);
    this.pump();
  }

  /** @param delay milliseconds until the first delivery is due; a timer that is armed is not moved */
  #armRetry(attachment: Attachment, delay = this.#session.options.retryInterval): void {
    if (!attachment.retransmits || delay === 0 || this.#retryTimer?.armed) return;
    this.#retryTimer ??= this.#engine.timers.after(delay, () => this.#retry());
    if (!this.#retryTimer.armed) this.#engine.timers.arm(this.#retryTimer, delay);
  }

  /** Sends again what is due, and comes back when the next one is. */
  #retry(): void {
    const { attachment, options } = this.#session;
    const { retryInterval } = options;
    if (attachment === undefined || this.#inflight === undefined || retryInterval === 0) return;
    const now = this.#engine.clock.monotonic();
    let oldest = now;
    for (const delivery of [...this.#inflight.values()]) {
      if (!attachment.ready) break;
      if (delivery.stale) continue;
      if (now - delivery.sentAt >= retryInterval) this.#resend(attachment, delivery);
      else oldest = Math.min(oldest, delivery.sentAt);
    }
    if (this.#inflight.size > 0) this.#armRetry(attachment, oldest + retryInterval - now);
  }

  #cancelRetry(): void {
    if (this.#retryTimer !== undefined) this.#engine.timers.cancel(this.#retryTimer);
  }

  // The end

  /** The session is over: everything that waits is gone, but for what others of a shared subscription can have. */
  end(): void {
    this.#cancelRetry();
    this.#slow?.caughtUp();
    this.handSharedOn();
    for (const queued of this.#queue?.drain() ?? []) this.#dropQueued(queued, 'session_ended');
    for (const { stored, message, released } of this.#inflight?.values() ?? []) {
      if (released) this.#forget(stored);
      else if (stored !== undefined) this.#dropStored(stored, message, 'unacknowledged');
      else if (message !== undefined) this.#drop(message, 'unacknowledged');
    }
    this.#inflight?.clear();
    this.#feeds?.clear();
  }

  /**
   * Gives messages of shared subscriptions that this client has not acknowledged to other members, as far as
   * MQTT 5 §4.8.2 allows: not a QoS 2 message that was already sent.
   */
  handSharedOn(): void {
    for (const delivery of [...(this.#inflight?.values() ?? [])]) {
      if (delivery.qos === 1 && this.#handOn(delivery)) this.#inflight?.delete(delivery);
    }
    const keep: QueuedDelivery[] = [];
    for (const queued of this.#queue?.drain() ?? []) {
      if (this.#handOn(queued)) this.#out(queued);
      else keep.push(queued);
    }
    for (const queued of keep) this.#queue?.push(queued);
  }

  /** @returns whether the delivery is no longer this session's */
  #handOn({ message, subscription, stored }: QueuedDelivery | InflightDelivery): boolean {
    if (subscription.group === undefined) return false;
    if (message === undefined) {
      return stored !== undefined && this.#engine.redispatchStored(stored, subscription);
    }
    if (!this.#engine.redispatch(message, subscription)) return false;
    this.#forget(stored);
    return true;
  }
}
