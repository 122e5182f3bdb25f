import type { Attachment } from './attachment.js';
import { SlowConsumer } from './backpressure.js';
import type { DeliveryEntry } from './durable/delivery-key.js';
import { OutboundReads } from './durable/outbound-reads.js';
import type { StoredDelivery } from './durable/stored-delivery.js';
import type { Engine } from './engine.js';
import { type InflightDelivery, MAX_PACKET_ID } from './inflight.js';
import type { Message, QoS } from './message.js';
import { QueuedDelivery } from './message-queue.js';
import { OutboundDrops } from './outbound-drops.js';
import { priorityOf } from './priority-queue.js';
import { RetainedFeeds } from './retained-feeds.js';
import type { Session } from './session.js';
import { effectiveQos } from './session-config.js';
import type { Subscription } from './subscription.js';
import type { DropCounts } from './types.js';
import { Unacknowledged } from './unacknowledged.js';
import { Waiting } from './waiting.js';

/** Of a client that was sent everything. */
export const NO_DROPS: DropCounts = { total: 0, expired: 0, queueFull: 0, tooLarge: 0 };

/** Messages sent in one go when a client comes back or catches up; the rest follows in the next turns. */
const BURST = 1000;

/**
 * The outbound half of a session: from a matched subscription to the channel, by way of what waits
 * ({@link Waiting}) and what is not acknowledged ({@link Unacknowledged}). Of a durable session everything of QoS 1
 * and 2 is in the store as long as it is here.
 */
export class Outbound {
  readonly #session: Session;
  readonly #engine: Engine;
  readonly #waiting: Waiting;
  /** Of many clients there is never anything. */
  #unacknowledged: Unacknowledged | undefined;
  #slow: SlowConsumer | undefined;
  #feeds: RetainedFeeds | undefined;
  #drops: OutboundDrops | undefined;
  #pumping = false;
  /** More is sent in the next turn of the event loop; until then retained messages wait. */
  #pumpDue = false;
  #endDue = false;
  #reads: OutboundReads | undefined;
  /**
   * Number of the latest delivery that has been restored unread. New packet identifiers begin with what is left of
   * it: far from those of what has not been read, most likely; one that is taken would only have to wait.
   */
  #lastRestored = 0;

  constructor(session: Session, engine: Engine) {
    this.#session = session;
    this.#engine = engine;
    this.#waiting = new Waiting(session.options);
  }

  get unacknowledged(): Unacknowledged {
    if (this.#unacknowledged === undefined) {
      this.#unacknowledged = new Unacknowledged(this.#session, this.#engine, this);
      this.#unacknowledged.continueAfter(this.#lastRestored % MAX_PACKET_ID);
    }
    return this.#unacknowledged;
  }

  get drops(): OutboundDrops {
    this.#drops ??= new OutboundDrops(this.#engine, this.#session, this.#waiting);
    return this.#drops;
  }

  get inflight(): number {
    return this.#unacknowledged?.size ?? 0;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Deliveries that the queue had no room for. */
  get dropped(): number {
    return this.#drops?.forLackOfRoom ?? 0;
  }

  /** Deliveries that were dropped, whatever for. */
  get dropCounts(): DropCounts {
    return this.#drops?.counts ?? NO_DROPS;
  }

  /** A new connection: what is unacknowledged has to be sent again. */
  reattached(): void {
    this.#unacknowledged?.reattached();
  }

  /** Other limits hold: what no longer fits into the queue is dropped. */
  adopt(): void {
    for (const delivery of this.#waiting.adopt(this.#session.options)) this.drops.full(delivery);
    this.drops.overLimits();
  }

  /** The connection is gone, or its client sleeps: nothing is delivered any more. */
  detached(): void {
    this.#slow?.caughtUp();
    this.#waiting.leaveToStore();
    this.#unacknowledged?.detached();
  }

  /** A message that matched one of the session's subscriptions. */
  deliver(message: Message, matched: Subscription): void {
    const { forOwn } = matched;
    const subscription = forOwn !== undefined && this.#session.isOwn(message) ? forOwn : matched;
    if (this.#session.declines(message, subscription)) {
      this.drops.message(message, 'no_local');
      return;
    }
    this.#offer(message, subscription, subscription.retainAsPublished && message.retain);
  }

  /** Sends a new subscription its retained messages, from the next turn on and as fast as the client takes them. */
  feed({ filter, route }: Subscription): void {
    this.#feeds ??= new RetainedFeeds((searched) => this.#engine.retained.match(searched));
    this.#feeds.add(filter, route);
    this.pumpSoon();
  }

  /** Whether a subscription is still to be sent retained messages. */
  isFed(filter: string): boolean {
    return this.#feeds?.has(filter) ?? false;
  }

  /** A subscription is gone, and with it the retained messages that it has not been sent. */
  unsubscribed(filter: string): void {
    this.#feeds?.delete(filter);
  }

  #offer(message: Message, subscription: Subscription, retain: boolean): void {
    const { mountLength } = subscription;
    if (mountLength > 0 && message.topic.length <= mountLength) {
      this.drops.message(message, 'outside_mountpoint');
      return;
    }
    const qos = effectiveQos(this.#session.options, message.qos, subscription.qos);
    const { attachment } = this.#session;
    if (attachment === undefined || attachment.away) {
      if (qos === 0 && !this.#session.options.mqueueStoreQos0) this.drops.message(message, 'qos0_msg');
      else this.#enqueue(message, subscription, qos, retain);
    } else if (!attachment.ready) {
      if (attachment.congested) this.#noteSlow();
      this.#enqueue(message, subscription, qos, retain);
    } else if (qos === 0) {
      if (this.#waiting.hasQos0) this.#enqueue(message, subscription, qos, retain);
      else this.send(attachment, message, subscription, 0, 0, retain, false);
    } else this.#offerTracked(attachment, message, subscription, qos, retain);
  }

  /** Offers a message of QoS 1 or 2 to a client that can be written to. */
  #offerTracked(
    attachment: Attachment,
    message: Message,
    subscription: Subscription,
    qos: QoS,
    retain: boolean,
  ): void {
    const { unacknowledged } = this;
    if (this.#waiting.length > 0 || unacknowledged.hasStale || !unacknowledged.isOpen(attachment)) {
      this.#enqueue(message, subscription, qos, retain);
    } else if (qos === 2 && this.#session.durable) {
      // It may leave only when it is in the store for good: the pump sees to that.
      this.#enqueue(message, subscription, qos, retain);
      this.pump();
    } else {
      const stored = this.#store(message, subscription, qos, retain, 0, true);
      unacknowledged.send(attachment, message.keep(), subscription, qos, retain, stored);
      if (this.#holdsTooMuch()) this.#endInNextTurn();
    }
  }

  /** Writes a message to the client. @returns false when its channel does not take it: it is over for this client */
  send(
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
    const result = attachment.handler.deliver(message, topic, subscription, qos, packetId, retain, dup);
    if (result === 'ok') {
      attachment.delivered(qos);
      engine.metrics.countSent(message, qos, engine.clock);
      return true;
    }
    if (result !== 'unwanted' || !this.#isOver(subscription) || !engine.redispatch(original, subscription)) {
      this.drops.message(message, result);
    }
    return false;
  }

  /** Whether the client has ended a subscription: others of a shared one may have what it has left. */
  #isOver(subscription: Subscription): boolean {
    return this.#session.subscriptions.get(subscription.filter) !== subscription;
  }

  #enqueue(message: Message, subscription: Subscription, qos: QoS, retain: boolean): void {
    const { options, reachable } = this.#session;
    const priority = options.priorities && priorityOf(options.priorities, message.topic, subscription);
    const stored = this.#store(message, subscription, qos, retain, priority ?? 0, false);
    const inMemory = stored === undefined || (reachable && this.#waiting.isShort);
    const held = inMemory ? message.keep() : undefined;
    this.#push(new QueuedDelivery(held, subscription, qos, retain, priority, stored));
    if (stored !== undefined) this.drops.overQuota();
    if (this.#holdsTooMuch()) this.#endInNextTurn();
  }

  #push(delivery: QueuedDelivery): void {
    const full = this.#waiting.push(delivery);
    if (full !== undefined) this.drops.full(full);
  }

  /** Bytes of all messages in memory that wait or are unacknowledged. */
  get heldBytes(): number {
    return this.#waiting.bytes + (this.#unacknowledged?.bytes ?? 0);
  }

  #holdsTooMuch(): boolean {
    const { maxHeldBytes } = this.#session.options;
    return maxHeldBytes > 0 && this.heldBytes > maxHeldBytes;
  }

  /** Not at once: the message may be on its way to others. */
  #endInNextTurn(): void {
    if (this.#endDue) return;
    this.#endDue = true;
    this.#engine.nextTurn(() => {
      this.#endDue = false;
      if (this.#holdsTooMuch()) this.#engine.overBound(this.#session, this.heldBytes);
    });
  }

  #noteSlow(): void {
    this.#slow ??= new SlowConsumer(this.#engine.backpressure, this.#session);
    this.#slow.notWritable();
  }

  // Sending what waits

  /** Sends what waits, as far as the connection and the window allow. @returns how many messages it has looked at */
  pump(): number {
    const { attachment } = this.#session;
    if (attachment === undefined || this.#pumping || !this.#hasWork) return 0;
    this.#pumping = true;
    let budget = BURST;
    try {
      while (budget > 0 && attachment.ready && this.#session.attachment === attachment) {
        if (!this.#pumpOne(attachment)) break;
        budget--;
      }
      if (budget === 0) this.pumpSoon();
    } finally {
      this.#pumping = false;
    }
    if (this.#slow !== undefined && attachment.ready && !this.#waiting.hasQos0) this.#slow.caughtUp();
    return BURST - budget;
  }

  get #hasWork(): boolean {
    const { length } = this.#waiting;
    if (length > 0 || this.#feeds !== undefined || this.#slow !== undefined) return true;
    return this.#unacknowledged?.hasStale === true;
  }

  /** Sends what waits from the next turn of the event loop on. */
  pumpSoon(): void {
    if (this.#pumpDue) return;
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
    const open = this.unacknowledged.isOpen(attachment);
    const stale = this.unacknowledged.firstStale();
    if (stale !== undefined && open) return this.#pumpStale(attachment, stale);
    if (this.#waiting.nextIsInBacklog) return this.#pumpBacklog(attachment, stale === undefined && open);
    const first = this.#waiting.peek();
    if (first === undefined) return open && !this.#pumpDue && this.#feedOne();
    const blocked = first.qos !== 0 && (stale !== undefined || !open || this.#mustWait(first));
    const next = blocked ? this.#waiting.shiftQos0() : this.#shift(first);
    if (next?.message === undefined) return false;
    this.#sendQueued(attachment, next, next.message);
    return true;
  }

  /** @returns false when it has to be read first */
  #pumpStale(attachment: Attachment, stale: InflightDelivery): boolean {
    if (stale.message === undefined && !stale.released) {
      this.#read();
      return false;
    }
    this.unacknowledged.resend(attachment, stale);
    return true;
  }

  /**
   * What goes next has to be read first; while it may not go, QoS 0 messages go past it.
   * @returns whether there was one
   */
  #pumpBacklog(attachment: Attachment, isOpen: boolean): boolean {
    if (isOpen) {
      this.#read();
      return false;
    }
    const next = this.#waiting.shiftQos0();
    if (next?.message === undefined) return false;
    this.#sendQueued(attachment, next, next.message);
    return true;
  }

  /** Takes the first delivery out of the queue; undefined when it has to be read first. */
  #shift(first: QueuedDelivery): QueuedDelivery | undefined {
    if (first.message !== undefined) return this.#waiting.shift();
    this.#read();
    return undefined;
  }

  /**
   * Whether a stored delivery may not leave yet: its packet identifier is taken, or it is of QoS 2, which nobody
   * must see twice, and a hub that fell now would not know of it any more, or not that its client may have it.
   */
  #mustWait({ stored, qos }: QueuedDelivery): boolean {
    if (stored === undefined) return false;
    if (this.unacknowledged.has(stored.packetId)) return true;
    if (qos !== 2) return false;
    const written = Math.max(stored.writtenAt, this.#session.attachedAt);
    return this.#engine.records?.isSettled(written, this) === false;
  }

  #sendQueued(attachment: Attachment, queued: QueuedDelivery, message: Message): void {
    const { subscription, qos, retain, stored } = queued;
    if (message.expiresAt <= this.#engine.clock.now()) this.drops.waiting(queued, 'expired');
    else if (qos === 0) this.send(attachment, message, subscription, 0, 0, retain, false);
    else {
      if (stored !== undefined) this.#engine.records?.markSent(stored);
      this.unacknowledged.send(attachment, message, subscription, qos, retain, stored);
    }
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
    const packetId = this.unacknowledged.nextId();
    const facts = { session: this.#session.number, packetId, qos, retain, priority, sent };
    return this.#engine.records?.storeDelivery(message, subscription, facts);
  }

  /** Puts everything into the store, of a session that has become durable. */
  storeAll(): void {
    this.#unacknowledged?.storeAll();
    for (const delivery of this.#waiting.values()) {
      const { message, subscription, qos, retain, priority } = delivery;
      if (message === undefined || delivery.stored !== undefined) continue;
      const stored = this.#store(message, subscription, qos, retain, priority, false);
      if (stored !== undefined) this.#waiting.stored(delivery, stored);
    }
  }

  /** Takes back what the store has kept, in any order; to be followed by {@link restored}. */
  restoreUnread(entry: DeliveryEntry): void {
    this.#waiting.restore(entry);
    this.#lastRestored = Math.max(this.#lastRestored, entry.number);
  }

  /**
   * Takes back what the store has kept and has been read, in the order in which it was stored.
   * @param sent whether it may have been sent already
   */
  restore(delivery: QueuedDelivery, sent: boolean): void {
    if (delivery.stored === undefined) return;
    this.unacknowledged.continueAfter(delivery.stored.packetId);
    if (sent) this.unacknowledged.restore(delivery.stored, delivery);
    else this.#push(delivery);
  }

  /** All is there that the store has kept. */
  restored(): void {
    if (this.#lastRestored > 0) this.#unacknowledged?.continueAfter(this.#lastRestored % MAX_PACKET_ID);
    this.drops.overLimits();
  }

  /** Reads from the store what goes next, and goes on sending when it is there. */
  #read(): void {
    this.#reads ??= new OutboundReads(this.#engine, this.#session, this, this.#waiting);
    this.#reads.read();
  }

  // The end

  /** The session is over: everything that waits is gone, but for what others of a shared subscription can have. */
  end(): void {
    this.#slow?.caughtUp();
    this.handSharedOn();
    for (const delivery of this.#waiting.drain()) this.drops.waiting(delivery, 'session_ended');
    for (const entry of this.#waiting.drainBacklog()) this.drops.unread(entry, 'session_ended');
    this.#unacknowledged?.end();
    this.#feeds?.clear();
  }

  /** Gives messages of shared subscriptions that this client has not acknowledged to other members. */
  handSharedOn(): void {
    this.#unacknowledged?.handOn((delivery) => this.handOn(delivery));
    for (const delivery of [...this.#waiting.drain()]) {
      if (!this.handOn(delivery)) this.#waiting.push(delivery);
    }
  }

  /**
   * Gives a message of a shared subscription to another member.
   * @returns whether the delivery is no longer this session's
   */
  handOn({ message, subscription, qos, stored }: QueuedDelivery | InflightDelivery): boolean {
    if (subscription.group === undefined) return false;
    if (stored === undefined) return message !== undefined && this.#engine.redispatch(message, subscription);
    // Nobody else may see a QoS 2 message that the client may have.
    if (qos === 2 && stored.number < this.#session.freshFrom) return false;
    return this.#engine.redispatchStored(stored, subscription);
  }
}
