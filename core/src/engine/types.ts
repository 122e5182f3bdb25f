import type { Authenticated } from '../access/enhanced-authentication.js';
import type { AccessAction } from '../access/types.js';
import type { MaybePromise } from '../runtime/maybe-promise.js';
import type { ClientInfo, ClientStatus, ConnectionInfo } from './client-info.js';
import type { Message, MessageProperties, QoS } from './message.js';
import type {
  AckResult,
  ConnectRefusal,
  DeliverResult,
  DetachReason,
  PublishResult,
  RetainedResult,
  SubscribeResult,
  UnsubscribeResult,
  WillRefusal,
} from './outcomes.js';
import type { QueuePriorities } from './priority-queue.js';
import type { Traffic } from './traffic.js';

/** How long a session outlives its connection: seconds, with this for "for ever" (MQTT 5 §3.1.2.11.2). */
export const NEVER_EXPIRES = 0xffffffff;

/** The message that the hub publishes for a client that leaves without saying so, MQTT 5 §3.1.2.5. */
export interface Will {
  /** Without mountpoint. */
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: MessageProperties | undefined;
  /** Seconds between the loss of the connection and the publication. */
  readonly delay: number;
}

/** Limits and habits of the sessions of one gateway; the configuration keys of the same names. */
export interface SessionOptions {
  /** QoS 1 and 2 messages sent and not yet acknowledged, 0 for no limit of our own. */
  readonly maxInflight: number;
  /** Messages that wait for the window or the client, 0 for no limit. */
  readonly maxMqueueLen: number;
  /** Whether QoS 0 messages wait too while the client is away. */
  readonly mqueueStoreQos0: boolean;
  /** Which waiting messages go before others; undefined for first in, first out. */
  readonly priorities?: QueuePriorities | undefined;
  /** Bytes of messages that wait or are unacknowledged; a session that holds more is ended. 0 for no bound. */
  readonly maxHeldBytes: number;
  /** Bytes of messages that wait in the store; when more would, the oldest are dropped. 0 for no bound. */
  readonly maxStoredBytes: number;
  /** Milliseconds after which an unacknowledged message is sent again, where the protocol allows it; 0 never. */
  readonly retryInterval: number;
  /** QoS 2 messages received and not yet released, 0 for no limit. */
  readonly maxAwaitingRel: number;
  /** Milliseconds after which a QoS 2 message that is never released is forgotten. */
  readonly awaitRelTimeout: number;
  /** Subscriptions of one client, 0 for no limit. */
  readonly maxSubscriptions: number;
  /** Levels in a topic, 0 for no limit. */
  readonly maxTopicLevels: number;
  /** Deliver with the subscription's QoS even when it is above the message's. */
  readonly upgradeQos: boolean;
  /** Never deliver a message to the client that published it. */
  readonly ignoreLoopDeliver: boolean;
  /** Refuse QoS above this. */
  readonly maxQos: QoS;
  readonly retainAvailable: boolean;
  readonly wildcardSubscription: boolean;
  readonly sharedSubscription: boolean;
}

/**
 * What a client shows of itself, for authentication. It is the hub's from the call on, its bytes too: the hub keeps it
 * and sets in it what is proved of the client.
 */
export interface Introduction {
  /** The gateway has made sure that it is not empty. */
  clientId: string;
  username: string | undefined;
  password: Buffer | undefined;
  protocol: string;
  connection: ConnectionInfo;
}

/** What a channel asks for when its client has introduced itself. */
export interface ConnectRequest extends Introduction {
  protocolVersion: number;
  /**
   * Of the connections of a client the one that asked last is in: when this one did, by `GatewayContext.takeTurn`. For
   * gateways that wait for somebody before they call `connect`; unless given, the call counts.
   */
  turn?: number;
  /** Topic prefix with placeholders; see `topics/placeholders.ts`. */
  mountpoint: string;
  /** The gateway's own placeholders, such as `%p`, by letter. */
  placeholders?: Readonly<Record<string, string>>;
  /** Seconds; 0 for none. For show: the channel does the timing. */
  keepalive: number;
  cleanStart: boolean;
  /** Seconds; {@link NEVER_EXPIRES} for ever. */
  sessionExpiry: number;
  /** The client's own bound on the inflight window (MQTT 5 Receive Maximum), if it has one. */
  receiveMaximum?: number;
  will?: Will | undefined;
  /**
   * Whether a client that was connected, or may still come back, is not lost by connecting anew: the will that it had
   * is not published (MQTT-SN 1.2 §6.3, §6.14). With MQTT it is.
   */
  withdrawsWill?: boolean;
  options: SessionOptions;
  /**
   * One delivery for all matching subscriptions of the session, with the highest QoS and all identifiers
   * (MQTT), or one for each subscription (where a delivery belongs to a subscription: STOMP, CoAP).
   */
  mergeOverlapping: boolean;
  /** Whether unacknowledged messages may be sent again on the same connection (MQTT 5 §4.4 forbids it). */
  retransmits: boolean;
  handler: SessionHandler;
  /**
   * The end of an authentication of several steps (`GatewayContext.startAuthentication`), whatever its outcome:
   * nobody else is asked who the client is, and its user name is the one that it has proved.
   */
  authenticated?: Authenticated;
  /** What hooks see beside the rest, such as MQTT 5 user properties of CONNECT. */
  userProperties?: readonly (readonly [string, string])[] | undefined;
}

export type ConnectResult =
  | {
      readonly ok: true;
      readonly session: AttachedSession /** An earlier session goes on. */;
      readonly present: boolean;
    }
  | { readonly ok: false; readonly refusal: ConnectRefusal };

/** One message as a channel hands it in. */
export interface Publication {
  /** Without mountpoint. */
  topic: string;
  payload: Buffer;
  qos: QoS;
  retain: boolean;
  properties?: MessageProperties | undefined;
  /** Whether the payload is the hub's for good, see `MessageInit.owned`; by default it is not. */
  owned?: boolean;
}

export interface SubscribeOptions {
  qos: QoS;
  /** Not to the publisher itself, MQTT 5 §3.8.3.1. */
  noLocal?: boolean;
  retainAsPublished?: boolean;
  /** 0 send retained messages, 1 only for a new subscription, 2 never. */
  retainHandling?: 0 | 1 | 2;
  /** MQTT 5 subscription identifier, 1 to 268,435,455. */
  subscriptionId?: number | undefined;
  /**
   * The gateway's own data: comes back with every delivery in `SubscriptionView.tag`. What JSON can hold of it outlives
   * the hub, where the session does.
   */
  tag?: unknown;
}

/** A subscription as deliveries name it. */
export interface SubscriptionView {
  /** As the client asked for it, `$share/…` and all, without mountpoint. */
  readonly filter: string;
  readonly qos: QoS;
  /** All identifiers of the subscriptions that this delivery stands for; undefined for none. */
  readonly subscriptionIds: readonly number[] | undefined;
  readonly tag: unknown;
}

/**
 * The far side of a session: what the hub calls on a channel. All calls are synchronous and may come from
 * within a call that the channel itself is making (publishing to its own subscription).
 */
export interface SessionHandler {
  /**
   * Sends a message. `packetId` is 0 for QoS 0; for others it names the delivery in `acked`, `received` and
   * `completed`. The message is borrowed, see {@link Message}. Its topic still has the mountpoint: use
   * `topic`.
   */
  deliver(
    message: Message,
    topic: string,
    subscription: SubscriptionView,
    qos: QoS,
    packetId: number,
    retain: boolean,
    dup: boolean,
  ): DeliverResult;
  /** Sends the second half of a QoS 2 delivery (PUBREL). Missing where there is none: the session's limit is QoS 1. */
  release?(packetId: number): void;
  /**
   * A message that waited, or would have, was dropped for lack of room. Missing where nobody is told of that.
   * @param message borrowed; undefined when it is in the store and has not been read
   */
  crowdedOut?(message: Message | undefined): void;
  /** Whether more can be written at present; while false, messages wait in the session's queue. */
  readonly writable: boolean;
  /**
   * Whether operators may subscribe the client to topics that it has not asked for. Missing where a delivery has to
   * belong to something that the client has asked for, or is taken for a command.
   */
  readonly takesAnyTopic?: boolean;
  /**
   * Sets how long the client may be silent from now on, in seconds, 0 for ever. Missing where the protocol has no
   * keep alive for each client.
   */
  setKeepalive?(seconds: number): void;
  /**
   * What the client is like at present: asked when it is shown to operators. Missing where there is nothing to tell but
   * that it is connected, from where it connected.
   */
  status?(): ClientStatus;
  /** What else operators are told of the client, see {@link ClientStatus}. Missing where there is nothing more. */
  readonly details?: ClientStatus['details'];
  /** What has passed the connection that the client is reached by; undefined while there is none. */
  readonly traffic?: Traffic | undefined;
  /**
   * The session is about to be cut off the channel: the last moment to publish for the client, and to set how long the
   * session goes on. `detached` follows. Missing where there is nothing to say.
   */
  detaching?(reason: DetachReason): void;
  /** The session is no longer this channel's: say so in the protocol and close. No further calls come. */
  detached(reason: DetachReason): void;
}

/**
 * A client's session as the channel of its connection sees it: the only way to the engine. It is the channel's from
 * `GatewayContext.connect` until `close` or `detached`; topics in and out are without the mountpoint.
 *
 * Calls answer at once unless something behind them is asynchronous (an access source that asks a server);
 * then they return a promise, and the channel must not handle the client's next frame before it settles
 * (returning the promise from `onFrame` does that).
 */
export interface AttachedSession {
  readonly client: ClientInfo;
  /** What the session is subscribed to, as the client asked for it. */
  readonly filters: readonly string[];
  /** The `tag` with which it is subscribed to a filter; undefined where there is none. */
  tagOf(filter: string): unknown;
  /** Whether a subscription is still to be sent retained messages. */
  awaitsRetained(filter: string): boolean;
  /** Publishes; for QoS 2 use {@link publishOnce}. */
  publish(publication: Publication): MaybePromise<PublishResult>;
  /**
   * Publishes a QoS 2 message exactly once, keeping its packet id until `releasePublished`.
   * `quota_exceeded` when `maxAwaitingRel` packets wait.
   */
  publishOnce(packetId: number, publication: Publication): MaybePromise<PublishResult>;
  /** The client's PUBREL. False when no such packet id waits. */
  releasePublished(packetId: number): boolean;
  /** @param filter may begin with `$share/<group>/` or `$queue/` */
  subscribe(filter: string, options: SubscribeOptions): MaybePromise<SubscribeResult>;
  unsubscribe(filter: string): MaybePromise<UnsubscribeResult>;
  /** The retained message of a topic, for a client that may subscribe to it: read without subscribing. */
  retained(topic: string): MaybePromise<RetainedResult>;
  /**
   * Whether access control lets the client publish to a topic, or subscribe to it; no is not told in the log. For
   * what a protocol allows beside: listing topics, changing how they are.
   * @param topic a valid topic name
   */
  permits(action: AccessAction, topic: string): MaybePromise<boolean>;
  /** The client acknowledged a QoS 1 delivery. */
  acked(packetId: number): AckResult;
  /** The client has a QoS 2 delivery (PUBREC); the hub answers through `release`. */
  received(packetId: number): AckResult;
  /** The client refused a QoS 2 delivery in its PUBREC: the delivery ends. */
  refused(packetId: number): AckResult;
  /** The client finished a QoS 2 delivery (PUBCOMP). */
  completed(packetId: number): AckResult;
  /**
   * The channel gives a delivery up that the client has not got: it ends, counted as dropped. False when none such is in
   * flight.
   */
  abandoned(packetId: number): boolean;
  /**
   * The channel gives a QoS 1 delivery of a shared subscription back: another member gets it. Where there is none, or
   * the subscription is not shared, it is {@link abandoned}. False when not in flight.
   */
  givenBack(packetId: number): boolean;
  /**
   * Lets so many more deliveries be unacknowledged at a time, or fewer: for those that the channel keeps back from its
   * client, so that others go past them.
   */
  widen(by: number): void;
  /**
   * Lets deliveries flow: called when the channel has told its client that it is connected, before which nothing is
   * delivered, and when a client that slept is awake.
   */
  resume(): void;
  /** The channel can write again after `writable` was false: what has waited for that is delivered. */
  catchUp(): void;
  /**
   * The client goes to sleep but stays connected: until the next `resume`, messages wait as for one that is away, and
   * nobody is held back for its sake. What it has not acknowledged is sent again then.
   */
  suspend(): void;
  /** Sets how long the session outlives this connection, in seconds. */
  setSessionExpiry(seconds: number): void;
  /** Drops the will: the client says goodbye properly. */
  clearWill(): void;
  /**
   * Replaces the will, in protocols whose clients can change it while they are connected.
   * @returns why it may not be; undefined when it is the will now
   */
  setWill(will: Will): WillRefusal | undefined;
  /**
   * The connection is over. The session lives on for its expiry; the will is published unless cleared.
   * @param reason as shown to operators: `normal`, `closed`, `keepalive_timeout`, `protocol_error` …
   */
  close(reason: string): void;
  /** The present state, for operators. */
  readonly statistics: SessionStatistics;
}

export interface SessionStatistics {
  readonly subscriptions: number;
  readonly inflight: number;
  readonly mqueueLength: number;
  /** Deliveries that were dropped because the queue had no room for them. */
  readonly mqueueDropped: number;
  readonly awaitingRel: number;
}

/** Deliveries to a client that were dropped since its session began, and how many of them for some reasons. */
export interface DropCounts {
  readonly total: number;
  readonly expired: number;
  readonly queueFull: number;
  readonly tooLarge: number;
}
