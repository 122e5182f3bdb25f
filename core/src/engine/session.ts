import type { Timer } from '../runtime/timers.js';
import type { Attachment } from './attachment.js';
import { AwaitingRelease } from './awaiting-release.js';
import type { ClientInfo, ClientStatus } from './client-info.js';
import type { SessionRecord } from './durable/session-record.js';
import type { Engine } from './engine.js';
import type { Message } from './message.js';
import { NO_DROPS, Outbound } from './outbound.js';
import { samePriorities } from './priority-queue.js';
import type { SessionView } from './session-view.js';
import type { Subscription } from './subscription.js';
import type { ClientTraffic } from './traffic.js';
import { type DropCounts, NEVER_EXPIRES, type SessionOptions, type SessionStatistics } from './types.js';

/**
 * What the hub keeps for one client id: subscriptions, what is on its way to the client ({@link Outbound}), and the
 * QoS 2 packets of the client that await their release. It outlives connections; the one that it has at present is
 * its {@link Attachment}. A session that may outlive its connection is durable where the store is: it outlives the
 * hub too.
 */
export class Session implements SessionView {
  readonly #engine: Engine;
  readonly #subscriptions = new Map<string, Subscription>();
  #options: SessionOptions;
  #attachment: Attachment | undefined;
  /** Who it belongs to: the present client, or the last one. */
  #client: ClientInfo;
  #expiry: number;
  #merge = true;
  #outbound: Outbound | undefined;
  #awaitingRelease: AwaitingRelease | undefined;
  #expiryTimer: Timer | undefined;
  #ended = false;
  /** What the store knows it as, 0 for nothing. */
  #number = 0;
  #createdAt: number;
  /** Milliseconds since 1970; undefined while its client is connected. */
  #disconnectedAt: number | undefined;
  #freshFrom = 0;
  #rankedFrom = 0;
  #attachedAt = 0;

  constructor(engine: Engine, client: ClientInfo, options: SessionOptions, expiry: number) {
    this.#engine = engine;
    this.#client = client;
    this.#options = options;
    this.#expiry = expiry;
    this.#createdAt = engine.clock.now();
  }

  /** Number of the first delivery that cannot have been sent before the hub fell; 0 when all is known. */
  get freshFrom(): number {
    return this.#freshFrom;
  }

  /** Number of the first delivery that has its place by the present priorities; those before it go before it. */
  get rankedFrom(): number {
    return this.#rankedFrom;
  }

  /** `Store.written` when the store had been told that the client is connected. */
  get attachedAt(): number {
    return this.#attachedAt;
  }

  /** Milliseconds since 1970. */
  get createdAt(): number {
    return this.#createdAt;
  }

  /** Milliseconds since 1970; undefined while its client is connected. */
  get disconnectedAt(): number | undefined {
    return this.#disconnectedAt;
  }

  get client(): ClientInfo {
    return this.#client;
  }

  get connected(): boolean {
    return this.#attachment !== undefined;
  }

  /** What its client is like at present, for operators; {@link client} and {@link statistics} tell the rest. */
  get status(): ClientStatus {
    if (this.#attachment === undefined) return { state: 'disconnected', peer: this.#client.peer };
    const { handler } = this.#attachment;
    const { details } = handler;
    const shown = details === undefined ? undefined : { details };
    return handler.status?.() ?? { state: 'connected', peer: this.#client.peer, ...shown };
  }

  get options(): SessionOptions {
    return this.#options;
  }

  /** Whether its client is connected and does not sleep. */
  get reachable(): boolean {
    return this.#attachment?.away === false;
  }

  get attachment(): Attachment | undefined {
    return this.#attachment;
  }

  /** Over for good: not to be taken up again. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it survives the hub: what it is and holds is in the store. */
  get durable(): boolean {
    return this.#number !== 0;
  }

  /** What the store knows it as; 0 when it is not {@link durable}. */
  get number(): number {
    return this.#number;
  }

  /** See `ConnectRequest.mergeOverlapping`. */
  get mergeOverlapping(): boolean {
    return this.#merge;
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions;
  }

  get outbound(): Outbound {
    this.#outbound ??= new Outbound(this, this.#engine);
    return this.#outbound;
  }

  get awaitingRelease(): AwaitingRelease {
    this.#awaitingRelease ??= new AwaitingRelease(this, this.#engine);
    return this.#awaitingRelease;
  }

  get statistics(): SessionStatistics {
    return {
      subscriptions: this.#subscriptions.size,
      inflight: this.#outbound?.inflight ?? 0,
      mqueueLength: this.#outbound?.waiting ?? 0,
      mqueueDropped: this.#outbound?.dropped ?? 0,
      awaitingRel: this.#awaitingRelease?.size ?? 0,
    };
  }

  get drops(): DropCounts {
    return this.#outbound?.dropCounts ?? NO_DROPS;
  }

  get traffic(): ClientTraffic | undefined {
    return this.#attachment?.traffic;
  }

  /** A connection takes hold. Nothing is delivered until it calls {@link pump}. */
  attach(attachment: Attachment, options: SessionOptions, expiry: number, mergeOverlapping: boolean): void {
    this.#cancelExpiry();
    this.#attachment = attachment;
    this.#disconnectedAt = undefined;
    this.#client = attachment.client;
    this.#expiry = expiry;
    this.#merge = mergeOverlapping;
    this.#outbound?.reattached();
    this.#awaitingRelease?.reattached();
    if (options !== this.#options) this.#adopt(options);
    this.#keep();
    this.#attachedAt = this.#engine.store.written;
  }

  #adopt(options: SessionOptions): void {
    const { priorities, awaitRelTimeout } = this.#options;
    if (!samePriorities(priorities, options.priorities)) this.#keepOrder();
    this.#options = options;
    if (awaitRelTimeout !== options.awaitRelTimeout) this.#awaitingRelease?.adopt();
    this.#outbound?.adopt();
  }

  /** Topics have other priorities from now on: see {@link rankedFrom}. */
  #keepOrder(): void {
    if (this.durable) this.#rankedFrom = this.#engine.records?.nextNumber() ?? 0;
  }

  /** The client sleeps: what it has not acknowledged waits, and is sent again when it is awake. */
  suspend(): void {
    this.#outbound?.detached();
    this.#outbound?.reattached();
    this.#awaitingRelease?.detached();
  }

  /** The client is awake: what waits is sent. */
  resume(): void {
    this.#awaitingRelease?.reattached();
    this.pump();
  }

  /** The connection is gone: nothing is delivered any more. To be followed by {@link waitOrEnd}. */
  detach(): void {
    this.#attachment = undefined;
    this.#disconnectedAt = this.#engine.clock.now();
    this.#outbound?.detached();
    this.#awaitingRelease?.detached();
  }

  /** Without a connection the session waits for its expiry, or ends. */
  waitOrEnd(reason: string): void {
    if (this.#engine.config.shared_dispatch_ack_enabled) this.#outbound?.handSharedOn();
    if (this.#expiry === 0) this.end(reason);
    else if (this.#expiry !== NEVER_EXPIRES) this.#armExpiry(this.#expiry * 1000);
  }

  /** @param seconds how long it outlives its connection; see {@link NEVER_EXPIRES} */
  setExpiry(seconds: number): void {
    if (seconds === this.#expiry) return;
    this.#expiry = seconds;
    this.#keep();
  }

  get expiry(): number {
    return this.#expiry;
  }

  /** Whether the client has this very subscription already, for good: there is nothing to write. */
  has(subscription: Subscription): boolean {
    const existing = this.#subscriptions.get(subscription.filter);
    if (existing === undefined || !existing.isLike(subscription)) return false;
    return !this.durable || existing.storedAt <= this.#engine.store.settled;
  }

  addSubscription(subscription: Subscription): void {
    if (this.has(subscription)) return;
    const existing = this.#subscriptions.get(subscription.filter);
    if (existing !== undefined) {
      this.#engine.index.remove(existing);
      subscription.number = existing.number;
    }
    this.#index(subscription, existing === undefined);
    if (this.durable) this.#engine.records?.saveSubscription(this.#number, subscription);
  }

  #index(subscription: Subscription, isNew: boolean): void {
    this.#subscriptions.set(subscription.filter, subscription);
    this.#engine.index.add(subscription);
    const shared = isNew && subscription.group !== undefined ? 1 : 0;
    this.#engine.countSubscriptions(this, isNew ? 1 : 0, shared);
  }

  /** @returns false when there is no such subscription */
  removeSubscription(filter: string): boolean {
    const subscription = this.#subscriptions.get(filter);
    if (subscription === undefined) return false;
    this.#subscriptions.delete(filter);
    this.#outbound?.unsubscribed(filter);
    this.#engine.index.remove(subscription);
    this.#engine.countSubscriptions(this, -1, subscription.group === undefined ? 0 : -1);
    if (this.durable) this.#engine.records?.deleteSubscription(subscription);
    return true;
  }

  /** Whether the client has published the message itself and does not want it back. */
  declines(message: Message, subscription: Subscription): boolean {
    return (subscription.noLocal || this.#options.ignoreLoopDeliver) && this.isOwn(message);
  }

  /** Whether the client has published the message. */
  isOwn(message: Message): boolean {
    return message.from?.clientId === this.#client.clientId;
  }

  /** A message that matched one of the session's subscriptions. */
  deliver(message: Message, matched: Subscription): void {
    this.outbound.deliver(message, matched);
  }

  /** Sends what waits, as far as the connection and the window allow. */
  pump(): void {
    this.#outbound?.pump();
  }

  // The store

  /** Makes the session durable if it may outlive its connection; once durable it stays so to its end. */
  #keep(): void {
    const { records } = this.#engine;
    if (records === undefined || (this.#expiry === 0 && !this.durable)) return;
    const isNew = !this.durable;
    if (isNew) this.#number = records.nextNumber();
    this.save();
    if (!isNew) return;
    for (const subscription of this.#subscriptions.values()) {
      records.saveSubscription(this.#number, subscription);
    }
    this.#awaitingRelease?.storeAll();
    this.#outbound?.storeAll();
  }

  /** Writes down what has changed of the session itself; nothing when it is not durable. */
  save(): void {
    if (this.durable && !this.#ended) this.#engine.records?.saveSession(this.#number, this.#record());
  }

  #record(): SessionRecord {
    return {
      client: this.#client,
      options: this.#options,
      expiry: this.#expiry,
      merge: this.#merge,
      createdAt: this.#createdAt,
      disconnectedAt: this.#disconnectedAt,
      freshFrom: this.#freshFrom,
      rankedFrom: this.#rankedFrom,
      will: this.#engine.willOf(this),
    };
  }

  /**
   * What the client asks for has been done before, on an earlier connection perhaps: the answer waits until that is
   * durable, as for something written now.
   */
  confirm(): void {
    if (this.durable) this.#engine.store.confirm();
  }

  /**
   * Takes over what the store has kept of the session itself. To be followed by its subscriptions and deliveries,
   * then by {@link restored}.
   */
  restore(number: number, record: SessionRecord): void {
    const { merge, createdAt, disconnectedAt, freshFrom, rankedFrom } = record;
    this.#number = number;
    this.#merge = merge;
    this.#createdAt = createdAt;
    this.#disconnectedAt = disconnectedAt;
    this.#freshFrom = freshFrom;
    this.#rankedFrom = rankedFrom;
  }

  restoreSubscription(subscription: Subscription): void {
    this.#index(subscription, true);
  }

  /**
   * The session is as it was: it waits for its client, for as long as is left.
   * @returns false when nothing is left: it is to be ended
   */
  restored(): boolean {
    this.#outbound?.restored();
    const now = this.#engine.clock.now();
    const since = this.#disconnectedAt ?? now;
    if (this.#disconnectedAt === undefined) this.#fellConnected(now);
    if (this.#expiry === NEVER_EXPIRES) return true;
    const whole = this.#expiry * 1000;
    // A clock that was put back does not give it more.
    const left = Math.min(whole, since + whole - now);
    if (left > 0) this.#armExpiry(left);
    return left > 0;
  }

  /**
   * The hub fell while the client was connected: what waited may have been sent just before, with no time left to
   * write that down.
   */
  #fellConnected(now: number): void {
    this.#disconnectedAt = now;
    this.#freshFrom = this.#engine.records?.nextNumber() ?? 0;
    this.save();
  }

  // The end

  #armExpiry(delay: number): void {
    this.#expiryTimer ??= this.#engine.timers.after(delay, () => this.end('expired'));
  }

  #cancelExpiry(): void {
    if (this.#expiryTimer !== undefined) this.#engine.timers.cancel(this.#expiryTimer);
    this.#expiryTimer = undefined;
  }

  /** Ends the session for good: subscriptions and everything that waits are gone. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelExpiry();
    for (const filter of [...this.#subscriptions.keys()]) this.removeSubscription(filter);
    this.#outbound?.end();
    this.#awaitingRelease?.clear();
    this.#engine.sessionEnded(this, reason);
    if (!this.durable) return;
    this.#engine.records?.endSession(this.#number, this.#record(), this.#engine.willPending(this));
  }
}
