import type { Timer } from '../runtime/timers.js';
import type { Attachment } from './attachment.js';
import { SlowConsumer } from './backpressure.js';
import type { ClientInfo } from './client-info.js';
import type { Engine } from './engine.js';
import type { DeliveryDrop } from './engine-metrics.js';
import { type InflightDelivery, InflightWindow } from './inflight.js';
import type { Message, QoS } from './message.js';
import { MessageQueue, QueuedDelivery } from './message-queue.js';
import { PriorityQueue } from './priority-queue.js';
import { ReceivedPackets } from './received-packets.js';
import { RetainedFeeds } from './retained-feeds.js';
import type { Subscription } from './subscription.js';
import { type AckResult, NEVER_EXPIRES, type SessionOptions, type SessionStatistics } from './types.js';

function newQueue({ maxMqueueLen, priorities }: SessionOptions): MessageQueue | PriorityQueue {
  return priorities === undefined
    ? new MessageQueue(maxMqueueLen)
    : new PriorityQueue(maxMqueueLen, priorities);
}

/** Messages sent in one go when a client comes back or catches up; the rest follows in the next turns. */
const BURST = 1000;

/**
 * What the hub keeps for one client id: subscriptions, the window of unacknowledged deliveries, the queue of
 * waiting ones, and the QoS 2 packets it has received. It outlives connections; the one that it has at present is
 * its {@link Attachment}. This is the outbound half: from a matched subscription to the channel.
 */
export class Session {
  readonly createdAt: number;
  readonly #engine: Engine;
  readonly #subscriptions = new Map<string, Subscription>();
  #options: SessionOptions;
  #attachment: Attachment | undefined;
  /** Who it belongs to: the present client, or the last one. */
  #client: ClientInfo;
  #expiry: number;
  #merge = true;
  #queue: MessageQueue | PriorityQueue | undefined;
  #inflight: InflightWindow | undefined;
  #received: ReceivedPackets | undefined;
  #slow: SlowConsumer | undefined;
  #feeds: RetainedFeeds | undefined;
  #expiryTimer: Timer | undefined;
  #retryTimer: Timer | undefined;
  #dropped = 0;
  #pumping = false;
  /** More is sent in the next turn of the event loop; until then retained messages wait. */
  #pumpDue = false;
  #endDue = false;
  #ended = false;

  constructor(engine: Engine, client: ClientInfo, options: SessionOptions, expiry: number) {
    this.#engine = engine;
    this.#client = client;
    this.#options = options;
    this.#expiry = expiry;
    this.createdAt = engine.clock.now();
  }

  get client(): ClientInfo {
    return this.#client;
  }

  get options(): SessionOptions {
    return this.#options;
  }

  get connected(): boolean {
    return this.#attachment !== undefined;
  }

  get attachment(): Attachment | undefined {
    return this.#attachment;
  }

  /** Over for good: not to be taken up again. */
  get ended(): boolean {
    return this.#ended;
  }

  /** See `ConnectRequest.mergeOverlapping`. */
  get mergeOverlapping(): boolean {
    return this.#merge;
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions;
  }

  /** QoS 2 messages that the client has published and not released. */
  get receivedPackets(): ReceivedPackets {
    this.#received ??= new ReceivedPackets(this.#options, this.#engine);
    return this.#received;
  }

  get statistics(): SessionStatistics {
    return {
      subscriptions: this.#subscriptions.size,
      inflight: this.#inflight?.size ?? 0,
      mqueueLength: this.#queue?.length ?? 0,
      mqueueDropped: this.#dropped,
      awaitingRel: this.#received?.size ?? 0,
    };
  }

  /** A connection takes hold. Nothing is delivered until it calls {@link pump}. */
  attach(attachment: Attachment, options: SessionOptions, expiry: number, mergeOverlapping: boolean): void {
    this.#cancel(this.#expiryTimer);
    this.#expiryTimer = undefined;
    this.#attachment = attachment;
    this.#client = attachment.client;
    this.#expiry = expiry;
    this.#merge = mergeOverlapping;
    this.#inflight?.markAllStale();
    if (options !== this.#options) this.#adopt(options);
  }

  /** Lives on under other limits, those of another zone: what no longer fits into the queue is dropped. */
  #adopt(options: SessionOptions): void {
    this.#options = options;
    this.#received?.adopt(options);
    const queue = this.#queue;
    this.#queue = undefined;
    for (const delivery of queue?.drain() ?? []) this.#push(delivery);
  }

  /** The connection is gone: nothing is delivered any more. To be followed by {@link waitOrEnd}. */
  detach(): void {
    this.#attachment = undefined;
    this.#slow?.caughtUp();
    this.#cancel(this.#retryTimer);
  }

  /** Without a connection the session waits for its expiry, or ends. */
  waitOrEnd(reason: string): void {
    if (this.#engine.config.shared_dispatch_ack_enabled) this.#handSharedOn();
    if (this.#expiry === 0) this.end(reason);
    else if (this.#expiry !== NEVER_EXPIRES) this.#armExpiry();
  }

  /** @param seconds how long it outlives its connection; see {@link NEVER_EXPIRES} */
  setExpiry(seconds: number): void {
    this.#expiry = seconds;
  }

  get expiry(): number {
    return this.#expiry;
  }

  addSubscription(subscription: Subscription): void {
    const existing = this.#subscriptions.get(subscription.filter);
    if (existing !== undefined) this.#engine.index.remove(existing);
    this.#subscriptions.set(subscription.filter, subscription);
    this.#engine.index.add(subscription);
    this.#engine.countSubscriptions(
      this,
      existing === undefined ? 1 : 0,
      existing === undefined && subscription.group !== undefined ? 1 : 0,
    );
  }

  /** @returns false when there is no such subscription */
  removeSubscription(filter: string): boolean {
    const subscription = this.#subscriptions.get(filter);
    if (subscription === undefined) return false;
    this.#subscriptions.delete(filter);
    this.#feeds?.delete(filter);
    this.#engine.index.remove(subscription);
    this.#engine.countSubscriptions(this, -1, subscription.group === undefined ? 0 : -1);
    return true;
  }

  /** A message that matched one of the session's subscriptions. */
  deliver(message: Message, matched: Subscription): void {
    const { forOwn } = matched;
    const subscription = forOwn !== undefined && this.#isOwn(message) ? forOwn : matched;
    if (this.declines(message, subscription)) {
      this.#drop(message, 'no_local');
      return;
    }
    this.#offer(message, subscription, subscription.retainAsPublished && message.retain);
  }

  /** Whether the client has published the message itself and does not want it back. */
  declines(message: Message, subscription: Subscription): boolean {
    return (subscription.noLocal || this.#options.ignoreLoopDeliver) && this.#isOwn(message);
  }

  #isOwn(message: Message): boolean {
    return message.from?.clientId === this.#client.clientId;
  }

  /** Sends a new subscription its retained messages, from the next turn on and as fast as the client takes them. */
  feed({ filter, route }: Subscription): void {
    this.#feeds ??= new RetainedFeeds((searched) => this.#engine.retained.match(searched));
    this.#feeds.add(filter, route);
    if (!this.#pumpDue) this.#pumpInNextTurn();
  }

  #offer(message: Message, subscription: Subscription, retain: boolean): void {
    const { mountLength } = subscription;
    if (mountLength > 0 && message.topic.length <= mountLength) {
      this.#drop(message, 'outside_mountpoint');
      return;
    }
    const qos = this.#effectiveQos(message.qos, subscription.qos);
    const attachment = this.#attachment;
    if (attachment === undefined) {
      if (qos === 0 && !this.#options.mqueueStoreQos0) this.#drop(message, 'qos0_msg');
      else this.#enqueue(message, subscription, qos, retain);
      return;
    }
    if (!attachment.ready) {
      if (attachment.congested) this.#noteSlow();
      this.#enqueue(message, subscription, qos, retain);
    } else if (qos === 0) {
      if (this.#queue?.hasQos0) this.#enqueue(message, subscription, qos, retain);
      else this.#send(attachment, message, subscription, 0, 0, retain, false);
    } else if ((this.#queue?.length ?? 0) > 0 || this.#inflight?.hasStale || !this.#windowOpen(attachment)) {
      this.#enqueue(message, subscription, qos, retain);
    } else {
      this.#sendTracked(attachment, message, subscription, qos, retain);
    }
  }

  #effectiveQos(published: QoS, granted: QoS): QoS {
    const { upgradeQos, maxQos } = this.#options;
    if (!upgradeQos) return published < granted ? published : granted;
    return Math.min(Math.max(published, granted), maxQos) as QoS;
  }

  #windowOpen(attachment: Attachment): boolean {
    const inflight = this.#inflight;
    return inflight === undefined || (inflight.sent < attachment.window && inflight.hasRoom);
  }

  #sendTracked(
    attachment: Attachment,
    message: Message,
    subscription: Subscription,
    qos: QoS,
    retain: boolean,
  ): void {
    this.#inflight ??= new InflightWindow();
    const now = this.#engine.clock.monotonic();
    const delivery = this.#inflight.add(message.keep(), subscription, qos, retain, now);
    if (!this.#send(attachment, message, subscription, qos, delivery.packetId, retain, false)) {
      this.#inflight.delete(delivery);
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
    if (!engine.hooks.messageDelivered.empty) message = engine.runDelivered(this.#client, original);
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
    this.#push(new QueuedDelivery(message.keep(), subscription, qos, retain));
    if (this.#holdsTooMuch()) this.#endInNextTurn();
  }

  #push(delivery: QueuedDelivery): void {
    this.#queue ??= newQueue(this.#options);
    const dropped = this.#queue.push(delivery);
    if (dropped !== undefined) this.#drop(dropped.message, dropped.qos === 0 ? 'qos0_msg' : 'queue_full');
  }

  #heldBytes(): number {
    return (this.#queue?.bytes ?? 0) + (this.#inflight?.bytes ?? 0);
  }

  #holdsTooMuch(): boolean {
    const { maxHeldBytes } = this.#options;
    return maxHeldBytes > 0 && this.#heldBytes() > maxHeldBytes;
  }

  /** Not at once: the message may be on its way to others. */
  #endInNextTurn(): void {
    if (this.#endDue) return;
    this.#endDue = true;
    this.#engine.nextTurn(() => {
      this.#endDue = false;
      if (this.#holdsTooMuch()) this.#engine.overBound(this, this.#heldBytes());
    });
  }

  #drop(message: Message, reason: DeliveryDrop): void {
    if (reason === 'queue_full' || reason === 'qos0_msg') this.#dropped++;
    this.#engine.dropDelivery(message, reason, this.#client);
  }

  #noteSlow(): void {
    this.#slow ??= new SlowConsumer(this.#engine.backpressure, this);
    this.#slow.notWritable();
  }

  /** Sends what waits, as far as the connection and the window allow. @returns how many messages it has looked at */
  pump(): number {
    const attachment = this.#attachment;
    if (attachment === undefined || this.#pumping) return 0;
    this.#pumping = true;
    let budget = BURST;
    try {
      while (budget > 0 && attachment.ready && this.#attachment === attachment) {
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
  pumpDue(): number {
    this.#pumpDue = false;
    return this.pump();
  }

  /** @returns false when there is nothing to send, or no room for it */
  #pumpOne(attachment: Attachment): boolean {
    const open = this.#windowOpen(attachment);
    const stale = this.#inflight?.firstStale();
    if (stale !== undefined && open) {
      this.#resend(attachment, stale);
      this.#armRetry(attachment);
      return true;
    }
    const queue = this.#queue;
    const first = queue?.peek();
    if (queue === undefined || first === undefined) return open && !this.#pumpDue && this.#feedOne();
    const tracked = first.qos !== 0;
    if (tracked && (stale !== undefined || !open)) {
      const qos0 = queue.shiftQos0();
      if (qos0 === undefined) return false;
      this.#sendQueued(attachment, qos0);
    } else {
      queue.shift();
      this.#sendQueued(attachment, first);
    }
    return true;
  }

  /** @returns false when there are no retained messages to send */
  #feedOne(): boolean {
    const found = this.#feeds?.next();
    if (found === undefined) {
      this.#feeds = undefined;
      return false;
    }
    const subscription = this.#subscriptions.get(found.filter);
    if (subscription === undefined || found.message === undefined) return true;
    if (!this.declines(found.message, subscription)) this.#offer(found.message, subscription, true);
    return true;
  }

  #sendQueued(attachment: Attachment, queued: QueuedDelivery): void {
    const { message, subscription, qos, retain } = queued;
    if (message.expiresAt <= this.#engine.clock.now()) this.#drop(message, 'expired');
    else if (qos === 0) this.#send(attachment, message, subscription, 0, 0, retain, false);
    else this.#sendTracked(attachment, message, subscription, qos, retain);
  }

  #resend(attachment: Attachment, delivery: InflightDelivery): void {
    this.#inflight?.resent(delivery, this.#engine.clock.monotonic());
    const { message, subscription, qos, packetId, retain } = delivery;
    if (message === undefined) attachment.handler.release(packetId);
    else if (!this.#send(attachment, message, subscription, qos, packetId, retain, true)) {
      this.#inflight?.delete(delivery);
    }
  }

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
    if (delivery.message !== undefined) this.#drop(delivery.message, 'abandoned');
    this.pump();
    return true;
  }

  /** See `AttachedSession.received`. */
  received(packetId: number): AckResult {
    const delivery = this.#inflight?.get(packetId);
    if (delivery === undefined) return 'unknown';
    if (delivery.qos !== 2) return 'unexpected';
    if (delivery.message !== undefined) {
      this.#engine.countAcked(this.#client, delivery.message);
      this.#inflight?.letGo(delivery);
    }
    this.#inflight?.resent(delivery, this.#engine.clock.monotonic());
    this.#attachment?.handler.release(packetId);
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
    if (delivery.qos !== 2 || delivery.message !== undefined) return 'unexpected';
    this.#finish(delivery);
    return 'ok';
  }

  #finish(delivery: InflightDelivery): void {
    this.#inflight?.delete(delivery);
    if (delivery.message !== undefined) this.#engine.countAcked(this.#client, delivery.message);
    this.pump();
  }

  /** @param delay milliseconds until the first delivery is due; a timer that is armed is not moved */
  #armRetry(attachment: Attachment, delay = this.#options.retryInterval): void {
    if (!attachment.retransmits || delay === 0 || this.#retryTimer?.armed) return;
    this.#retryTimer ??= this.#engine.timers.after(delay, () => this.#retry());
    if (!this.#retryTimer.armed) this.#engine.timers.arm(this.#retryTimer, delay);
  }

  /** Sends again what is due, and comes back when the next one is. */
  #retry(): void {
    const attachment = this.#attachment;
    if (attachment === undefined || this.#inflight === undefined) return;
    const { retryInterval } = this.#options;
    if (retryInterval === 0) return;
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

  #armExpiry(): void {
    this.#expiryTimer ??= this.#engine.timers.after(this.#expiry * 1000, () => this.end('expired'));
  }

  /** Ends the session for good: subscriptions and everything that waits are gone. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancel(this.#expiryTimer);
    this.#cancel(this.#retryTimer);
    this.#slow?.caughtUp();
    for (const filter of [...this.#subscriptions.keys()]) this.removeSubscription(filter);
    this.#handSharedOn();
    for (const queued of this.#queue?.drain() ?? []) this.#drop(queued.message, 'session_ended');
    for (const delivery of this.#inflight?.values() ?? []) {
      if (delivery.message !== undefined) this.#drop(delivery.message, 'unacknowledged');
    }
    this.#inflight?.clear();
    this.#received?.clear();
    this.#feeds?.clear();
    this.#engine.sessionEnded(this, reason);
  }

  /**
   * Gives messages of shared subscriptions that this client has not acknowledged to other members, as far as
   * MQTT 5 §4.8.2 allows: not a QoS 2 message that was already sent.
   */
  #handSharedOn(): void {
    for (const delivery of [...(this.#inflight?.values() ?? [])]) {
      const { message, subscription, qos } = delivery;
      if (qos !== 1 || message === undefined) continue;
      if (this.#engine.redispatch(message, subscription)) this.#inflight?.delete(delivery);
    }
    const keep: QueuedDelivery[] = [];
    for (const queued of this.#queue?.drain() ?? []) {
      if (!this.#engine.redispatch(queued.message, queued.subscription)) keep.push(queued);
    }
    for (const queued of keep) this.#queue?.push(queued);
  }

  #cancel(timer: Timer | undefined): void {
    if (timer !== undefined) this.#engine.timers.cancel(timer);
  }
}
