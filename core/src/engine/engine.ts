import type { AccessControl } from '../access/access-control.js';
import { type Ban, Bans, fits } from '../access/bans.js';
import type { Entrance } from '../access/client-policy.js';
import type { EnhancedAuthentication } from '../access/enhanced-authentication.js';
import type { AccessAction } from '../access/types.js';
import type { Clock } from '../runtime/clock.js';
import { LineLimits } from '../runtime/line-limit.js';
import type { Logger } from '../runtime/logger.js';
import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import type { Metrics } from '../runtime/metrics.js';
import type { Timers } from '../runtime/timers.js';
import type { Store } from '../store/store.js';
import { SubscriptionIndex } from '../topics/subscription-index.js';
import { hasWildcard } from '../topics/topic.js';
import type { Attachment } from './attachment.js';
import { Backpressure } from './backpressure.js';
import type { BrokerConfig } from './broker-config.js';
import { type ClientInfo, logFields } from './client-info.js';
import { Connector } from './connector.js';
import { DelayedMessages } from './delayed/delayed-messages.js';
import { restoreSessions } from './durable/restore-sessions.js';
import { SessionRecords } from './durable/session-records.js';
import type { StoredDelivery } from './durable/stored-delivery.js';
import { type DeliveryDrop, EngineMetrics, type PublicationDrop } from './engine-metrics.js';
import { FlappingGuard } from './flapping.js';
import type { Hooks, PublishDecision } from './hooks.js';
import { isOwn, type Message } from './message.js';
import type { DetachReason, PublishResult } from './outcomes.js';
import { PumpTurns } from './pump-turns.js';
import { RetainedMessages } from './retained.js';
import type { Session } from './session.js';
import { chooseMember } from './shared-dispatch.js';
import { mergeOverlapping, type Subscription } from './subscription.js';
import type { ConnectRequest, ConnectResult, Introduction, Will } from './types.js';
import { Wills } from './wills.js';

export interface EngineOptions {
  readonly config: BrokerConfig;
  readonly access: AccessControl;
  readonly hooks: Hooks;
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * The pub/sub core: sessions by client id, who is subscribed to what, retained messages, and the way of a
 * message from `publish` to the sessions. It knows no protocol and no socket.
 */
export class Engine {
  /** Of now, see {@link adjust}. */
  config: BrokerConfig;
  readonly access: AccessControl;
  readonly hooks: Hooks;
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: EngineMetrics;
  readonly backpressure: Backpressure;
  readonly retained: RetainedMessages;
  readonly bans: Bans;
  readonly delayed: DelayedMessages;
  /** Where durable sessions are written down; undefined where nothing survives the process. */
  readonly records: SessionRecords | undefined;
  readonly index = new SubscriptionIndex<Subscription>(mergeOverlapping);
  /** By client id. */
  readonly sessions = new Map<string, Session>();
  readonly log: Logger;
  /** Sessions that have more to send than they may in one turn. */
  readonly pumps = new PumpTurns((run) => this.nextTurn(run));
  readonly #wills: Wills;
  readonly #flapping: FlappingGuard;
  readonly #connector: Connector;
  /** By listener. */
  readonly #deniedLines: LineLimits;
  #stopping = false;

  constructor(options: EngineOptions) {
    this.config = options.config;
    this.access = options.access;
    this.hooks = options.hooks;
    this.store = options.store;
    this.clock = options.clock;
    this.timers = options.timers;
    this.log = options.log;
    this.metrics = new EngineMetrics(options.metrics);
    this.backpressure = new Backpressure(options.clock, options.timers, options.config.slow_consumer_grace);
    this.retained = new RetainedMessages(
      options.config.retained,
      options.store,
      options.clock,
      options.timers,
      this.metrics,
    );
    this.bans = new Bans(options.store, options.clock, options.timers, this.metrics.gauges.bans);
    this.records = options.store.durable
      ? new SessionRecords(options.store, options.clock, options.timers, options.log)
      : undefined;
    this.delayed = new DelayedMessages(this, (message) => this.#publishNow(message));
    this.#wills = new Wills(this, (message) => this.#publishWill(message));
    this.#flapping = new FlappingGuard(this);
    this.#deniedLines = new LineLimits(options.log, options.clock);
    this.#connector = new Connector(this, this.#wills);
  }

  /** Reads back what the store has kept. */
  async start(): Promise<void> {
    await this.retained.load(this.log);
    await this.bans.load(this.log);
    if (this.records !== undefined) await restoreSessions(this, this.#wills, this.records);
    this.delayed.load();
  }

  /** Goes by another configuration from now on; sessions and connections stay. */
  adjust(config: BrokerConfig): void {
    this.config = config;
    this.backpressure.grace = config.slow_consumer_grace;
    this.retained.adjust(config.retained);
    this.delayed.adjust();
  }

  /** Ends every connection; from now on no wills are published: those of durable sessions are when a hub runs again. */
  stop(): void {
    this.#stopping = true;
    this.delayed.stop();
    for (const session of [...this.sessions.values()]) session.attachment?.expel('server_shutdown');
  }

  /** @param entrance the way that the client came in by */
  connect(request: ConnectRequest, entrance: Entrance): MaybePromise<ConnectResult> {
    return this.#connector.connect(request, entrance);
  }

  /** See {@link ConnectRequest.turn}. */
  takeTurn(): number {
    return this.#connector.takeTurn();
  }

  /**
   * Begins an authentication of several steps, see `GatewayContext.startAuthentication`.
   * @param entrance the way that the client came in by
   */
  startAuthentication(
    method: string,
    client: Introduction,
    entrance: Entrance,
  ): EnhancedAuthentication | undefined {
    return this.#connector.startAuthentication(method, client, entrance);
  }

  /**
   * Ends a client's connection and its session.
   * @returns false when there is no such session
   */
  kick(clientId: string): boolean {
    const session = this.sessions.get(clientId);
    if (session === undefined) return false;
    this.#discard(session, 'kicked');
    return true;
  }

  /** A session holds more bytes than it may: it ends, and what it holds with it. */
  overBound(session: Session, bytes: number): void {
    this.metrics.counters['session.force_shutdown'].value++;
    this.log.warn(
      { ...logFields(session.client), bytes },
      'session ended: it holds more than force_shutdown',
    );
    this.#discard(session, 'quota_exceeded');
  }

  #discard(session: Session, reason: DetachReason): void {
    session.setExpiry(0);
    if (session.attachment === undefined) session.end(reason);
    else session.attachment.expel(reason);
  }

  /**
   * Changes how long a connected client may be silent; the client is not told.
   * @param seconds 0 to 65535, 0 for ever
   */
  setKeepalive(clientId: string, seconds: number): 'ok' | 'not_connected' | 'not_supported' {
    const attachment = this.sessions.get(clientId)?.attachment;
    if (attachment === undefined) return 'not_connected';
    const { handler, client } = attachment;
    if (handler.setKeepalive === undefined) return 'not_supported';
    handler.setKeepalive(seconds);
    client.keepalive = seconds;
    return 'ok';
  }

  /**
   * Bans, and disconnects those who are banned by it. Their sessions live on for their expiry, as after any other
   * loss of the connection. Clients of a gateway or zone with `enable_ban: false` are left alone.
   * @returns the ban as it holds; undefined when there are too many already
   */
  ban(wanted: Ban): Ban | undefined {
    const ban = this.bans.add(wanted);
    if (ban === undefined || ban.until <= this.clock.now()) return ban;
    if (ban.as === 'clientid') this.#expelBanned(ban, this.sessions.get(ban.who));
    else for (const session of this.sessions.values()) this.#expelBanned(ban, session);
    return ban;
  }

  #expelBanned(ban: Ban, session: Session | undefined): void {
    if (session?.attachment === undefined || !session.client.policy.checkBans) return;
    const { clientId, username, peer } = session.client;
    if (fits(ban, { clientId, username, host: peer.host })) session.attachment.expel('banned');
  }

  /** Sends a message on its way, or keeps it until its time has come. Access has been checked. */
  publish(message: Message): MaybePromise<PublishResult> {
    if (this.delayed.takes(message.topic)) return this.delayed.hold(message);
    return this.#publishNow(message);
  }

  #publishNow(message: Message): MaybePromise<PublishResult> {
    if (!isOwn(message)) this.metrics.published.value++;
    if (this.hooks.messagePublish.empty) return this.#route(message);
    const decision = this.hooks.messagePublish.run({ message: message.keep(), allow: true });
    if (isPromise(decision)) return decision.then((settled) => this.#routeDecided(settled));
    return this.#routeDecided(decision);
  }

  #routeDecided({ message, allow }: PublishDecision): PublishResult {
    if (allow) return this.#route(message);
    this.dropPublication(message, 'refused');
    return 'ok';
  }

  #route(message: Message): PublishResult {
    if (message.expiresAt !== Number.POSITIVE_INFINITY && message.expiresAt < this.clock.now()) {
      this.dropPublication(message, 'expired');
      return 'ok';
    }
    if (message.retain && !this.retained.accept(message)) return 'ok';
    const { direct, shared } = this.index.match(message.topic);
    const receivers = direct.length + shared.length;
    if (receivers === 0) {
      if (!isOwn(message)) this.dropPublication(message, 'no_subscribers');
      return 'no_subscribers';
    }
    message.fanout = receivers;
    this.metrics.delivered.value += receivers;
    for (const subscription of direct) subscription.session.deliver(message, subscription);
    for (const group of shared) {
      const member = chooseMember(group, message, this.config.shared_subscription_strategy);
      member?.session.deliver(message, member);
    }
    if (receivers > 1) message.forgetWireForms();
    return 'ok';
  }

  /** Whether a message may be acknowledged only when it is stored, as a retained one or for a durable session. */
  needsStore({ topic, qos, retain }: Message): boolean {
    if (qos === 0 || this.records === undefined) return false;
    const { direct, shared } = this.index.match(topic);
    const isKept = ({ session }: Subscription) => session.durable;
    return retain || direct.some(isKept) || shared.some(({ members }) => members.some(isKept));
  }

  /** Gives a message of a shared subscription to a member of another session. @returns false when there is none */
  redispatch(message: Message, subscription: Subscription): boolean {
    if (subscription.group === undefined) return false;
    const group = this.index.group(subscription.group, subscription.route);
    if (group === undefined) return false;
    const member = chooseMember(
      group,
      message,
      this.config.shared_subscription_strategy,
      subscription.session,
    );
    if (member === undefined) return false;
    member.session.deliver(message, member);
    return true;
  }

  /** As {@link redispatch}, of a message that has to be read first. */
  redispatchStored(stored: StoredDelivery, subscription: Subscription): boolean {
    const { group, route, session } = subscription;
    if (
      group === undefined ||
      !this.index.group(group, route)?.members.some((other) => other.session !== session)
    ) {
      return false;
    }
    this.records?.lastReads.add(stored, (message) => {
      if (message === undefined) this.metrics.countDrop('lost', session.client);
      else if (this.redispatch(message, subscription)) return;
      else if (session.ended) this.dropDelivery(message, 'session_ended', session.client);
      else session.deliver(message, subscription);
    });
    return true;
  }

  /** Sends the retained messages for a new subscription, after what the channel answers to it. */
  sendRetained(session: Session, subscription: Subscription): void {
    const { route } = subscription;
    // Mostly it is known at once that there are none: most clients need nothing made for them.
    const any = hasWildcard(route) ? this.retained.mayMatch(route) : this.retained.get(route) !== undefined;
    if (any) session.outbound.feed(subscription);
  }

  /** Runs something in the next turn of the event loop. */
  nextTurn(run: () => void): void {
    setImmediate(() => {
      try {
        run();
      } catch (error) {
        this.log.error({ err: error }, 'deferred work failed');
      }
    });
  }

  /** A connection has let go of its session. */
  detached(session: Session, attachment: Attachment, reason: string): void {
    const { client, will, handler } = attachment;
    this.metrics.counters['client.disconnected'].value++;
    this.metrics.gauges.connections.add(-1);
    this.metrics.gauges.live_connections.add(-1);
    this.metrics.byGateway.disconnected(client.gateway, attachment.totals);
    if (this.log.isLevelEnabled('info')) {
      this.log.info(Object.assign(logFields(client, handler.status?.()), { reason }), 'client disconnected');
    }
    // Before the hook: what it publishes is not for this connection.
    session.detach();
    this.hooks.clientDisconnected.notify(undefined, client, reason);
    const isLast = this.#stopping || session.expiry === 0;
    if (will !== undefined && isLast) this.#wills.keep(client, will);
    session.waitOrEnd(reason);
    if (will !== undefined && !isLast) this.#wills.clientLost(client, will, session.expiry);
    session.save();
    this.#flapping.disconnected(client, reason);
  }

  /** The will of a session's client: that of its connection, or one that waits for its delay to be over. */
  willOf({ attachment, client }: Session): Will | undefined {
    return attachment === undefined ? this.#wills.waiting(client.clientId) : attachment.will;
  }

  /** Settles when the will of a client that is about to be published is; undefined when there is none. */
  willPending({ client }: Session): Promise<unknown> | undefined {
    return this.#wills.pending(client.clientId);
  }

  /** A session is over. */
  sessionEnded(session: Session, reason: string): void {
    const { clientId } = session.client;
    if (this.sessions.get(clientId) === session) this.sessions.delete(clientId);
    this.metrics.counters['session.terminated'].value++;
    this.countSessions();
    if (!this.#stopping) this.#wills.sessionEnded(clientId);
    this.hooks.sessionTerminated.notify(undefined, session.client, reason);
  }

  countSessions(): void {
    this.metrics.gauges.sessions.set(this.sessions.size);
    this.metrics.gauges.channels.set(this.sessions.size);
  }

  countSubscriptions(session: Session, difference: number, sharedDifference: number): void {
    const { gauges } = this.metrics;
    gauges.subscriptions.add(difference);
    gauges.suboptions.add(difference);
    gauges['subscriptions.shared'].add(sharedDifference);
    gauges.topics.set(this.index.filters);
    gauges.routes.set(this.index.filters);
    const { size } = session.subscriptions;
    if (difference > 0 && size === difference) gauges.subscribers.add(1);
    else if (difference < 0 && size === 0) gauges.subscribers.add(-1);
  }

  countAcked(client: ClientInfo, message: Message): void {
    this.metrics.acked.value++;
    if (!this.hooks.messageAcked.empty) this.hooks.messageAcked.notify(undefined, client, message);
  }

  /** One line, for the operator who wonders where messages stay: protocols mostly cannot tell the client. */
  tellDenied(client: ClientInfo, action: AccessAction, topic: string): void {
    const line = { ...logFields(client), action, topic };
    this.#deniedLines.of(client.listener).write('info', line, 'access denied');
  }

  dropPublication(message: Message, reason: PublicationDrop): void {
    this.metrics.countDropped(reason, message.from);
    if (!this.hooks.messageDropped.empty) {
      this.hooks.messageDropped.notify(undefined, message.keep(), reason, message.from);
    }
  }

  dropDelivery(message: Message, reason: DeliveryDrop, client: ClientInfo): void {
    this.metrics.countDrop(reason, client);
    if (!this.hooks.messageDropped.empty) {
      this.hooks.messageDropped.notify(undefined, message.keep(), reason, client);
    }
  }

  /** Drops a delivery that is in the store. @param original the message, if it is in memory */
  dropStored(
    stored: StoredDelivery,
    original: Message | undefined,
    reason: DeliveryDrop,
    client: ClientInfo,
  ): void {
    if (original !== undefined || this.hooks.messageDropped.empty) {
      if (original !== undefined) this.dropDelivery(original, reason, client);
      else this.metrics.countDrop(reason, client);
      this.records?.forget(stored);
      return;
    }
    this.records?.lastReads.add(stored, (message) => {
      if (message !== undefined) this.dropDelivery(message, reason, client);
      else this.metrics.countDrop(reason, client);
    });
  }

  /** Runs `message.delivered`. What it decides asynchronously comes too late for this delivery. */
  runDelivered(client: ClientInfo, message: Message): Message {
    const result = this.hooks.messageDelivered.run(message.keep(), client);
    return isPromise(result) ? message : result;
  }

  #publishWill(message: Message): MaybePromise<unknown> {
    const { from } = message;
    const allowed =
      from === undefined ||
      this.access.authorize(from, undefined, 'publish', this.delayed.target(message.topic));
    const conclude = (may: boolean) => {
      if (may) return this.publish(message);
      this.dropPublication(message, 'not_authorized');
      return 'not_authorized' as const;
    };
    const result = isPromise(allowed) ? allowed.then(conclude) : conclude(allowed);
    if (!isPromise(result)) return result;
    return result.catch((error: unknown) =>
      this.log.error({ err: error, topic: message.topic }, 'will not published'),
    );
  }
}
