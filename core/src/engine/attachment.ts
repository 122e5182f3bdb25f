import type { AclCache } from '../access/acl-cache.js';
import type { AccessAction } from '../access/types.js';
import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import { parseSubscription, topicFilterError, topicNameError } from '../topics/topic.js';
import type { ClientInfo } from './client-info.js';
import type { Engine } from './engine.js';
import type { MessageTotals } from './gateway-messages.js';
import { Message, type QoS } from './message.js';
import { MessageTally } from './message-tally.js';
import type {
  AckResult,
  DetachReason,
  PublishRefusal,
  PublishResult,
  RetainedResult,
  SubscribeResult,
  UnsubscribeResult,
  WillRefusal,
} from './outcomes.js';
import { flagsRefusal, maxLevels, willRefusal } from './publication-rules.js';
import { publishOnce } from './publish-once.js';
import type { Session } from './session.js';
import { Subscription } from './subscription.js';
import { subscriptionRefusal } from './subscription-rules.js';
import type { ClientTraffic } from './traffic.js';
import type {
  AttachedSession,
  ConnectRequest,
  Publication,
  SessionHandler,
  SessionOptions,
  SessionStatistics,
  SubscribeOptions,
  Will,
} from './types.js';

const NO_STATISTICS: SessionStatistics = {
  subscriptions: 0,
  inflight: 0,
  mqueueLength: 0,
  mqueueDropped: 0,
  awaitingRel: 0,
};

/**
 * One connection attached to its {@link Session}: what a channel calls, from its publish and subscribe, through
 * access control, to the engine. This is the inbound half, `outbound.ts` the outbound one.
 *
 * When another connection takes the session over, this attachment is cut off: every later call on it does
 * nothing.
 */
export class Attachment implements AttachedSession {
  readonly client: ClientInfo;
  readonly handler: SessionHandler;
  readonly retransmits: boolean;
  /** Greater than that of all who asked to connect before. */
  readonly order: number;
  readonly #engine: Engine;
  /** What it has been allowed and denied lately. */
  readonly aclCache: AclCache;
  #session: Session | undefined;
  #window: number;
  #will: Will | undefined;
  /** From when the channel has told its client that it is connected until it lets go. */
  #open = false;
  readonly #received = new MessageTally();
  #refused = 0;
  readonly #sent = new MessageTally();
  /** See {@link AttachedSession.suspend}. */
  #away = false;
  /** The topic published to last, as the client named it: a device has few, and need not have each checked again. */
  #lastTopic: string | undefined;
  /** The same below the mountpoint. One string for many messages: its hash is known when it is looked up. */
  #lastMounted = '';
  /** What the client must be allowed to publish to for it. */
  #lastTarget = '';

  constructor(engine: Engine, client: ClientInfo, request: ConnectRequest, session: Session, order: number) {
    this.#engine = engine;
    this.order = order;
    this.client = client;
    this.handler = request.handler;
    const own = request.options.maxInflight || 65535;
    this.#window = Math.min(own, request.receiveMaximum ?? 65535);
    this.retransmits = request.retransmits;
    this.aclCache = engine.access.createCache();
    this.#session = session;
    this.#will = request.will;
  }

  /** Deliveries that may be unacknowledged at a time. */
  get window(): number {
    return this.#window;
  }

  widen(by: number): void {
    this.#window += by;
  }

  /** Whether a delivery can be written right now. */
  get ready(): boolean {
    return this.#open && this.handler.writable;
  }

  /** Whether deliveries wait because the client reads too slowly. */
  get congested(): boolean {
    return this.#open && !this.handler.writable;
  }

  /** Whether the client sleeps: it is connected, and messages wait as if it were not. */
  get away(): boolean {
    return this.#away;
  }

  get will(): Will | undefined {
    return this.#will;
  }

  get statistics(): SessionStatistics {
    return this.#session?.statistics ?? NO_STATISTICS;
  }

  get traffic(): ClientTraffic {
    return {
      connection: this.handler.traffic,
      received: this.#received,
      refused: this.#refused,
      sent: this.#sent,
    };
  }

  /** Publications and deliveries since it connected. */
  get totals(): MessageTotals {
    return { received: this.#received.total, sent: this.#sent.total };
  }

  /** A delivery has been written. */
  delivered(qos: QoS): void {
    this.#sent.count(qos);
  }

  publish(publication: Publication): MaybePromise<PublishResult> {
    const engine = this.#engine;
    this.#received.count(publication.qos);
    engine.metrics.countReceived(publication.qos);
    engine.backpressure.publications++;
    const session = this.#session;
    if (session === undefined) return 'unspecified';
    const refusal = this.#takePublication(session, publication);
    if (refusal !== undefined) {
      this.#refused++;
      engine.metrics.countDropped('invalid', this.client);
      return refusal;
    }
    const topic = this.#lastMounted;
    const allowed = this.#authorize('publish', this.#lastTarget);
    if (allowed === true) return this.#publishAllowed(this.#message(topic, publication));
    if (allowed === false) return this.#publishDenied(this.#message(topic, publication));
    return this.#publishWhenAllowed(allowed, topic, publication);
  }

  get filters(): readonly string[] {
    return [...(this.#session?.subscriptions.keys() ?? [])];
  }

  awaitsRetained(filter: string): boolean {
    return this.#session?.outbound.isFed(filter) ?? false;
  }

  tagOf(filter: string): unknown {
    return this.#session?.subscriptions.get(filter)?.tag;
  }

  publishOnce(packetId: number, publication: Publication): MaybePromise<PublishResult> {
    const awaiting = this.#session?.awaitingRelease;
    return awaiting === undefined ? 'unspecified' : publishOnce(this, awaiting, packetId, publication);
  }

  releasePublished(packetId: number): boolean {
    const session = this.#session;
    if (session === undefined || session.awaitingRelease.release(packetId)) return session !== undefined;
    session.confirm();
    return false;
  }

  /** Checks a publication, and has its topic for the last one. @returns why it cannot be, if it cannot */
  #takePublication({ options }: Session, publication: Publication): PublishRefusal | undefined {
    const refusal = flagsRefusal(publication, options);
    if (refusal !== undefined) return refusal;
    if (publication.topic === this.#lastTopic) return undefined;
    return this.#takeTopic(publication.topic, options);
  }

  #takeTopic(topic: string, options: SessionOptions): PublishRefusal | undefined {
    const { delayed } = this.#engine;
    if (topicNameError(topic, maxLevels(options)) !== undefined || delayed.isWrong(topic)) {
      return 'topic_name_invalid';
    }
    this.#lastTopic = topic;
    this.#lastMounted = delayed.mounted(this.client.mountpoint, topic);
    this.#lastTarget = delayed.target(this.#lastMounted);
    return undefined;
  }

  #message(topic: string, publication: Publication): Message {
    return new Message({
      topic,
      payload: publication.payload,
      qos: publication.qos,
      retain: publication.retain,
      properties: publication.properties,
      from: this.client,
      timestamp: this.#engine.clock.now(),
      owned: publication.owned ?? false,
    });
  }

  async #publishWhenAllowed(
    pending: Promise<boolean>,
    topic: string,
    publication: Publication,
  ): Promise<PublishResult> {
    const message = this.#message(topic, publication).keep();
    return (await pending) ? this.#publishAllowed(message) : this.#publishDenied(message);
  }

  #publishAllowed(message: Message): MaybePromise<PublishResult> {
    const engine = this.#engine;
    if (engine.store.failure === undefined || !engine.needsStore(message)) return engine.publish(message);
    this.#refused++;
    engine.dropPublication(message, 'storage_failed');
    return 'storage_failed';
  }

  #publishDenied(message: Message): PublishResult {
    this.#refused++;
    this.#engine.dropPublication(message, 'not_authorized');
    this.#denied('publish', message.topic);
    return 'not_authorized';
  }

  subscribe(filter: string, options: SubscribeOptions): MaybePromise<SubscribeResult> {
    this.#engine.metrics.counters['client.subscribe'].value++;
    if (this.#engine.hooks.clientSubscribe.empty) return this.#subscribe(filter, options);
    const requests = this.#engine.hooks.clientSubscribe.run([{ filter, options }], this.client);
    if (isPromise(requests)) return requests.then((list) => this.#subscribeAll(list));
    return this.#subscribeAll(requests);
  }

  /** A hook may have replaced the request by others, or by none; the first one's result is the answer. */
  async #subscribeAll(
    requests: readonly { readonly filter: string; readonly options: SubscribeOptions }[],
  ): Promise<SubscribeResult> {
    const results: SubscribeResult[] = [];
    for (const { filter, options } of requests) results.push(await this.#subscribe(filter, options));
    return results[0] ?? { ok: false, refusal: 'unspecified' };
  }

  #subscribe(filter: string, options: SubscribeOptions): MaybePromise<SubscribeResult> {
    const session = this.#session;
    if (session === undefined) return { ok: false, refusal: 'unspecified' };
    const parsed = parseSubscription(filter);
    if (typeof parsed === 'string') return { ok: false, refusal: 'topic_filter_invalid' };
    const refusal = subscriptionRefusal(session, filter, parsed.filter, parsed.group !== undefined);
    if (refusal !== undefined) return { ok: false, refusal };
    const route = this.#mounted(parsed.filter);
    const granted = { ...options, qos: Math.min(options.qos, session.options.maxQos) as QoS };
    const mountLength = this.client.mountpoint.length;
    const subscription = new Subscription(session, filter, route, parsed.group, mountLength, granted);
    if (session.durable && this.#engine.store.failure !== undefined && !session.has(subscription)) {
      return { ok: false, refusal: 'storage_failed' };
    }
    const conclude = (may: boolean) =>
      may ? this.#subscribed(session, subscription) : this.#subscribeDenied(route);
    const allowed = this.#authorize('subscribe', route);
    return isPromise(allowed) ? allowed.then(conclude) : conclude(allowed);
  }

  #subscribeDenied(route: string): SubscribeResult {
    this.#denied('subscribe', route);
    return { ok: false, refusal: 'not_authorized' };
  }

  #denied(action: AccessAction, topic: string): void {
    this.#engine.tellDenied(this.client, action, topic);
    if (this.client.policy.denyAction === 'disconnect') this.expel('not_authorized');
  }

  #subscribed(session: Session, subscription: Subscription): SubscribeResult {
    if (this.#session !== session) return { ok: false, refusal: 'unspecified' };
    const known = session.subscriptions.has(subscription.filter);
    session.addSubscription(subscription);
    this.#engine.hooks.sessionSubscribed.notify(
      undefined,
      this.client,
      subscription.filter,
      subscription.options,
    );
    const handling = subscription.retainHandling;
    if (subscription.group === undefined && (handling === 0 || (handling === 1 && !known))) {
      this.#engine.sendRetained(session, subscription);
    }
    return { ok: true, qos: subscription.qos };
  }

  unsubscribe(filter: string): MaybePromise<UnsubscribeResult> {
    this.#engine.metrics.counters['client.unsubscribe'].value++;
    if (this.#engine.hooks.clientUnsubscribe.empty) return this.#unsubscribe([filter]);
    const filters = this.#engine.hooks.clientUnsubscribe.run([filter], this.client);
    if (isPromise(filters)) return filters.then((list) => this.#unsubscribe(list));
    return this.#unsubscribe(filters);
  }

  #unsubscribe(filters: readonly string[]): UnsubscribeResult {
    let result: UnsubscribeResult = 'no_subscription';
    for (const filter of filters) {
      const parsed = parseSubscription(filter);
      if (typeof parsed === 'string' || topicFilterError(parsed.filter) !== undefined) {
        return 'topic_filter_invalid';
      }
      if (!this.#session?.removeSubscription(filter)) {
        this.#session?.confirm();
        continue;
      }
      this.#engine.hooks.sessionUnsubscribed.notify(undefined, this.client, filter);
      result = 'ok';
    }
    return result;
  }

  retained(topic: string): MaybePromise<RetainedResult> {
    const session = this.#session;
    if (session === undefined) return { ok: false, refusal: 'unspecified' };
    if (topicNameError(topic, maxLevels(session.options)) !== undefined) {
      return { ok: false, refusal: 'topic_name_invalid' };
    }
    const route = this.#mounted(topic);
    const allowed = this.#authorize('subscribe', route);
    if (isPromise(allowed)) return allowed.then((late) => this.#retained(late, route));
    return this.#retained(allowed, route);
  }

  #retained(allowed: boolean, route: string): RetainedResult {
    if (allowed) return { ok: true, message: this.#engine.retained.get(route) };
    this.#denied('subscribe', route);
    return { ok: false, refusal: 'not_authorized' };
  }

  permits(action: AccessAction, topic: string): MaybePromise<boolean> {
    if (action === 'subscribe') return this.#authorize(action, this.#mounted(topic));
    const { delayed } = this.#engine;
    return this.#authorize(action, delayed.target(delayed.mounted(this.client.mountpoint, topic)));
  }

  acked(packetId: number): AckResult {
    return this.#session?.outbound.unacknowledged.acked(packetId) ?? 'unknown';
  }

  abandoned(packetId: number): boolean {
    return this.#session?.outbound.unacknowledged.abandoned(packetId) ?? false;
  }

  givenBack(packetId: number): boolean {
    return this.#session?.outbound.unacknowledged.givenBack(packetId) ?? false;
  }

  received(packetId: number): AckResult {
    return this.#session?.outbound.unacknowledged.received(packetId) ?? 'unknown';
  }

  refused(packetId: number): AckResult {
    return this.#session?.outbound.unacknowledged.refused(packetId) ?? 'unknown';
  }

  completed(packetId: number): AckResult {
    return this.#session?.outbound.unacknowledged.completed(packetId) ?? 'unknown';
  }

  resume(): void {
    const wasAway = this.#away;
    this.#open = true;
    this.#away = false;
    if (wasAway) this.#session?.resume();
    else this.#session?.pump();
  }

  catchUp(): void {
    this.#session?.pump();
  }

  suspend(): void {
    this.#open = false;
    this.#away = true;
    this.#session?.suspend();
  }

  setSessionExpiry(seconds: number): void {
    this.#session?.setExpiry(seconds);
  }

  clearWill(): void {
    this.#will = undefined;
  }

  setWill(will: Will): WillRefusal | undefined {
    const session = this.#session;
    if (session === undefined) return undefined;
    const refusal = willRefusal(will, session.options);
    if (refusal !== undefined) return refusal;
    this.#will = will;
    session.save();
    return undefined;
  }

  close(reason: string): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    this.#open = false;
    this.#engine.detached(session, this, reason);
  }

  /** Cuts the channel off and tells it why; the session and its will are dealt with as by {@link close}. */
  expel(reason: DetachReason): void {
    if (this.#session === undefined) return;
    this.handler.detaching?.(reason);
    // What it published may have been denied, and have cut it off.
    if (this.#session === undefined) return;
    this.close(reason);
    this.handler.detached(reason);
  }

  #mounted(topic: string): string {
    return this.client.mountpoint === '' ? topic : this.client.mountpoint + topic;
  }

  #authorize(action: AccessAction, topic: string): MaybePromise<boolean> {
    return this.#engine.access.authorize(this.client, this.aclCache, action, topic);
  }
}
