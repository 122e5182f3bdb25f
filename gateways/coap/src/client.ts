import { timingSafeEqual } from 'node:crypto';
import { CONTENT, failure, type Response, refused } from '@portico/coap-endpoint';
import { ResponseCode } from '@portico/codec-coap';
import {
  type AccessAction,
  type AttachedSession,
  type ClientStatus,
  type DeliverResult,
  type DetachReason,
  type GatewayContext,
  isPromise,
  type MaybePromise,
  type Message,
  type Publication,
  type PublishResult,
  type QoS,
  type RetainedResult,
  type SessionHandler,
  type SubscribeResult,
  type SubscriptionView,
  type Traffic,
} from '@portico/core';
import type { CoapChannel } from './channel.js';
import { ClientLife, type LifeSettings, type Living } from './client-life.js';
import { Delivery } from './delivery.js';
import { type Interest, Observation, type ObservationSettings, observationKey } from './observation.js';
import { ObservedTopic } from './observed-topic.js';
import type { Login } from './uri.js';

/** What all clients of the gateway share. */
export interface ClientSettings {
  readonly context: GatewayContext;
  readonly observation: ObservationSettings;
  readonly life: LifeSettings;
  readonly maxObservations: number;
  /** Bytes. */
  readonly maxPayload: number;
}

const DETACHED: Readonly<Record<DetachReason, number>> = {
  taken_over: ResponseCode.Conflict,
  kicked: ResponseCode.Forbidden,
  banned: ResponseCode.Forbidden,
  quota_exceeded: ResponseCode.TooManyRequests,
  server_shutdown: ResponseCode.ServiceUnavailable,
  not_authorized: ResponseCode.Unauthorized,
};

/** There is nothing to be read for a client whose session has just ended. */
const ENDED = { ok: false, refusal: 'server_unavailable' } as const;

/** What there is to be read of a topic, or why it may not be. */
export type Retained = RetainedResult | typeof ENDED;

/** One device, known by its client id wherever it speaks from: its session with the hub and its observations. */
export class CoapClient implements SessionHandler, Living {
  readonly login: Login;
  /** Where it came in from. */
  readonly origin: CoapChannel;
  /** What waits for an acknowledgement is bounded by the session's window and each peer's queue. */
  readonly writable = true;
  readonly #settings: ClientSettings;
  readonly #onEnd: (client: CoapClient) => void;
  readonly #topics = new Map<string, ObservedTopic>();
  readonly #life: ClientLife;
  #session: AttachedSession | undefined;
  #observations = 0;
  #endedBy: string | undefined;

  /** @param onEnd told once when the client is gone */
  constructor(
    login: Login,
    origin: CoapChannel,
    settings: ClientSettings,
    onEnd: (client: CoapClient) => void,
  ) {
    this.login = login;
    this.origin = origin;
    this.#settings = settings;
    this.#onEnd = onEnd;
    this.#life = new ClientLife(this, settings.life);
  }

  /** The hub has let it in. */
  begin(session: AttachedSession): void {
    this.#session = session;
    this.#life.begin();
    session.resume();
  }

  /** Why it is gone, as operators see it; it may end before it begins. Undefined while it is not. */
  get endedBy(): string | undefined {
    return this.#endedBy;
  }

  /** Whether it has a session: false once it has been cut off. */
  get connected(): boolean {
    return this.#session !== undefined;
  }

  /**
   * Whether a request with that login is this client's: one with a token has to show that instead, and who has shown
   * another key to DTLS is somebody else.
   */
  matches({ username, password, token, peer }: Login): boolean {
    if (token !== undefined || peer !== this.login.peer) return false;
    return username === this.login.username && samePassword(password, this.login.password);
  }

  /** Whether the client has opened a connection, and this is its token. */
  hasToken(token: string): boolean {
    const own = this.login.token;
    return own !== undefined && samePassword(Buffer.from(token), Buffer.from(own));
  }

  // Requests

  /** A sign of life. */
  seen(channel: CoapChannel): void {
    this.#life.seen(channel);
  }

  /** Where the client has been heard from since a peer of its was last heard; undefined for nowhere. */
  heardElsewhere(than: CoapChannel): CoapChannel | undefined {
    return this.#life.heardElsewhere(than);
  }

  /** Prefix of the client's topics; empty for none. */
  get mountpoint(): string {
    return this.#session?.client.mountpoint ?? '';
  }

  /** `server_unavailable` when the client's session has just ended. @param publication its payload may be borrowed */
  publish(publication: Publication): MaybePromise<PublishResult | 'server_unavailable'> {
    return this.#session?.publish(publication) ?? 'server_unavailable';
  }

  /** The retained message of a topic, without a subscription to it. */
  retained(topic: string): MaybePromise<Retained> {
    return this.#session?.retained(topic) ?? ENDED;
  }

  /** Whether access control lets the client publish to a topic or subscribe to it. */
  permits(action: AccessAction, topic: string): MaybePromise<boolean> {
    return this.#session?.permits(action, topic) ?? false;
  }

  /** Whether that would renew an observation that this peer has. */
  observes(interest: Interest, token: Buffer, channel: CoapChannel): boolean {
    return channel.observations.get(observationKey(token))?.isFor(this, interest) ?? false;
  }

  /** Registers an observation, or renews the one that this peer has under that token. */
  observe(interest: Interest, token: Buffer, channel: CoapChannel): MaybePromise<Response> {
    if (this.#session === undefined) return refused('server_unavailable');
    const { filter, qos, retained } = interest;
    const observation = this.#register(interest, token, channel);
    if (observation === undefined) {
      return failure(ResponseCode.ServiceUnavailable, 'too many observations');
    }
    const retainHandling = retained ? 0 : 2;
    const result = this.#session.subscribe(filter, { qos, retainHandling, tag: observation.topic });
    if (isPromise(result)) return result.then((settled) => this.#subscribed(observation, settled));
    return this.#subscribed(observation, result);
  }

  #register(interest: Interest, token: Buffer, channel: CoapChannel): Observation | undefined {
    const known = channel.observations.get(observationKey(token));
    if (known?.isFor(this, interest)) {
      known.topic.latest = known;
      known.renew(interest);
      return known;
    }
    known?.end('replaced');
    if (this.#observations >= this.#settings.maxObservations) return undefined;
    const { filter } = interest;
    const topic = this.#topics.get(filter) ?? new ObservedTopic(filter);
    this.#topics.set(filter, topic);
    this.#observations++;
    topic.latest = new Observation(this, topic, channel, token, interest, this.#settings.observation);
    return topic.latest;
  }

  #subscribed(observation: Observation, result: SubscribeResult): Response {
    const { topic } = observation;
    if (!result.ok) {
      observation.end('refused');
      return refused(result.refusal);
    }
    topic.subscribed = true;
    if (observation.channel === undefined) {
      if (!this.#topics.has(topic.filter)) this.#unsubscribe(topic.filter);
      return failure(ResponseCode.ServiceUnavailable, 'the observation has ended');
    }
    this.#counters['observe.registered'].value++;
    return { ...CONTENT, options: [observation.channel.nextObserve()] };
  }

  /**
   * Ends the observation of a topic filter: the one with this token, wherever it was registered from; where
   * there is none, all of them.
   */
  unobserve(filter: string, token: Buffer, channel: CoapChannel): void {
    const key = observationKey(token);
    const all = [...(this.#topics.get(filter)?.observations ?? [])];
    const sameToken = all.filter((observation) => observation.key === key);
    const own = sameToken.filter((observation) => observation.channel === channel);
    const ending = [own, sameToken].find((group) => group.length > 0) ?? all;
    for (const observation of ending) observation.end('request');
  }

  // From observations

  /** An observation of the topic has ended; with the last one ends the subscription. */
  observationEnded(topic: ObservedTopic): void {
    this.#observations--;
    if (topic.observations.size > 0) return;
    this.#topics.delete(topic.filter);
    if (topic.subscribed) this.#unsubscribe(topic.filter);
  }

  /** A QoS 1 delivery has come to its end. @param taken whether an observer has it */
  delivered(packetId: number, taken: boolean): void {
    if (taken) this.#session?.acked(packetId);
    else this.#session?.abandoned(packetId);
  }

  #unsubscribe(filter: string): void {
    const result = this.#session?.unsubscribe(filter);
    if (result === undefined || !isPromise(result)) return;
    const { log } = this.#settings.context;
    result.catch((error: unknown) => log.error({ err: error, filter }, 'unsubscribing failed'));
  }

  // From the session

  deliver(
    message: Message,
    _topic: string,
    subscription: SubscriptionView,
    _qos: QoS,
    packetId: number,
    retain: boolean,
  ): DeliverResult {
    if (message.payload.length > this.#settings.maxPayload) return 'too_large';
    const topic = subscription.tag;
    if (!(topic instanceof ObservedTopic)) return 'unwanted';
    const observers = topic.audience(retain);
    if (observers.size === 0) return 'unwanted';
    const delivery = packetId === 0 ? undefined : new Delivery(this, packetId, observers.size);
    for (const observation of observers) observation.notify(message, delivery);
    return 'ok';
  }

  /** See `SessionHandler.traffic`. */
  get traffic(): Traffic {
    return (this.#life.latest ?? this.origin).traffic;
  }

  /** See `SessionHandler.status`. */
  status(): ClientStatus {
    return { state: 'connected', peer: (this.#life.latest ?? this.origin).info.peer };
  }

  detached(reason: DetachReason): void {
    this.#session = undefined;
    this.#end(reason, (observation) => observation.terminate(DETACHED[reason], reason.replaceAll('_', ' ')));
  }

  // Its end

  /** @param reason as operators see it */
  close(reason: string): void {
    const session = this.#session;
    this.#session = undefined;
    this.#end(reason, (observation) => observation.end('session'));
    session?.close(reason);
  }

  #end(reason: string, dismiss: (observation: Observation) => void): void {
    this.#endedBy = reason;
    this.#life.end();
    for (const topic of [...this.#topics.values()]) {
      for (const observation of [...topic.observations]) dismiss(observation);
    }
    this.#onEnd(this);
  }

  // From its life

  /** The peers that have observations of this client. */
  observers(): ReadonlySet<CoapChannel> {
    const channels = new Set<CoapChannel>();
    for (const topic of this.#topics.values()) {
      for (const { channel } of topic.observations) {
        if (channel !== undefined) channels.add(channel);
      }
    }
    return channels;
  }

  silent(): void {
    this.close('keepalive_timeout');
  }

  get #counters() {
    return this.#settings.observation.metrics.counters;
  }
}

function samePassword(a: Buffer | undefined, b: Buffer | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && timingSafeEqual(a, b);
}
