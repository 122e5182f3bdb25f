import type { z } from 'zod';
import type { EnhancedAuthentication } from '../access/enhanced-authentication.js';
import type { ClientNames, ConnectionInfo, PeerAddress, TransportType } from '../engine/client-info.js';
import type { Traffic } from '../engine/traffic.js';
import type { ConnectRequest, ConnectResult, Introduction } from '../engine/types.js';
import type { AnswerMulticast } from '../listeners/connection.js';
import type { ListenerConfig } from '../listeners/listener-config.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { MaybePromise } from '../runtime/maybe-promise.js';
import type { Metrics } from '../runtime/metrics.js';
import type { Timers } from '../runtime/timers.js';
import type { GatewayList, GatewayLists } from './gateway-list.js';
import type { GatewayStorage } from './gateway-storage.js';

/** Where an encoder writes; the shape of `ByteSink` in `@portico/frame`. */
export interface ByteSink {
  buffer: Buffer;
  reserve(size: number): number;
}

/** What is wrong with what a peer has sent. */
export interface Fault {
  readonly code: string;
  /** Of the byte at which it shows, from the start of the frame. */
  readonly offset: number;
  /** For people. */
  readonly message: string;
}

/** Input that breaks the protocol; the shape of `FrameError` in `@portico/frame`. */
export interface FrameFault extends Fault, Error {
  readonly message: string;
}

/** A frame with its fields, for people; the shape of `FrameRow` in `@portico/frame`. */
export interface FrameRow {
  /** `CONNECT`, `0x0200 location report`. */
  readonly title: string;
  /** Bytes from the start of what was looked at. */
  readonly offset: number;
  readonly hex: string;
  readonly fields: readonly {
    /** Bytes from the start of the frame. */
    readonly offset: number;
    /** Bytes. */
    readonly length: number;
    readonly hex: string;
    readonly name: string;
    /** With its unit or meaning. */
    readonly value: string;
  }[];
  readonly faults: readonly { readonly offset: number; readonly reason: string }[];
}

/** Explains bytes of a protocol without a connection: see {@link GatewayDefinition.explainer}. */
export interface Explainer {
  /** Versions, or editions, that some frames do not tell; the first is assumed. Empty where all do. */
  readonly versions: readonly string[];
  /** Never throws for what a peer sends. */
  explain(bytes: Buffer, options: ExplainOptions): readonly FrameRow[];
}

export interface ExplainOptions {
  /** One of {@link Explainer.versions}. */
  readonly version?: string | undefined;
  /** Shows passwords, keys and the like, which are hidden otherwise: the bytes are those of whoever asks. */
  readonly showSecrets?: boolean;
}

/** Frames of a byte stream: see `StreamDecoder` in `@portico/frame` for the rules. One per connection. */
export interface StreamCodec<In, Out> {
  readonly kind: 'stream';
  /** Whether WebSocket messages may be text, which is read as its bytes; what is sent is binary all the same. */
  readonly isText?: boolean;
  push(chunk: Buffer): void;
  next(): In | undefined;
  keep(): void;
  /** Bytes that are no frame, or none yet: looked at when a peer is let go, to say what it may be. Borrowed. */
  readonly undecoded: Buffer;
  /** Bytes before and between frames that were passed over so far; missing where none ever are. */
  readonly skipped?: number;
  encode(frame: Out, sink: ByteSink): void;
  /** One line for the trace log. */
  describe(frame: In | Out): string;
  /**
   * Explains bytes of this connection to operators, without secrets; see {@link Explainer}.
   * @param frame what {@link next} has made of them, if anything
   */
  explain?(bytes: Buffer, frame?: In): readonly FrameRow[];
}

/** One frame per datagram. */
export interface DatagramCodec<In, Out> {
  readonly kind: 'datagram';
  decode(datagram: Buffer): In;
  encode(frame: Out, sink: ByteSink): void;
  describe(frame: In | Out): string;
  explain?(bytes: Buffer, frame?: In): readonly FrameRow[];
}

export type Codec<In, Out> = StreamCodec<In, Out> | DatagramCodec<In, Out>;

/**
 * The protocol's state machine for one peer. Synchronous and without sockets: a test makes a recording
 * {@link Peer}, calls these methods and reads back what was sent.
 */
export interface Channel<In> {
  /**
   * One decoded frame. A returned promise holds back this peer's further frames until it settles. Throwing
   * is a bug: it is logged with the peer and closes this connection alone.
   */
  onFrame(frame: In): MaybePromise<void>;
  /**
   * The peer sent something that is not a frame: answer in the protocol. A stream is closed afterwards by
   * the link; a datagram peer lives on.
   */
  onFrameError(error: FrameFault): void;
  /** The timer set with `peer.setTimer` is due. */
  onTimer(): void;
  /** The peer can be written to again after `peer.writable` was false. */
  onWritable(): void;
  /**
   * A datagram peer has been silent for the `idle_timeout` of its listener: whether the protocol lets it be silent for
   * longer still, so that it is kept and this asked again after as long. Where it is missing, the peer is forgotten. The
   * channel sees to it that it does not say so for ever of one that is gone.
   */
  mayBeSilent?(): boolean;
  /** The gateway stops: say so in the protocol. The link closes afterwards. */
  onShutdown(): void;
  /**
   * An acknowledgement given to `peer.sendAck` will not be sent: what it is about could not be stored. The link
   * closes afterwards, so that the client asks again.
   */
  onStorageFailure?(): void;
  /** The connection is gone, whoever closed it. The last call. */
  onClose(reason: string): void;
}

/** All that a channel can do with its connection. */
export interface Peer<Out> {
  readonly info: ConnectionInfo;
  /** False while so much waits to be written that more would only pile up. */
  readonly writable: boolean;
  /** `clock.monotonic()` at the last byte received. */
  readonly lastReceived: number;
  /** What has passed it, both ways. */
  readonly traffic: Traffic;
  /** Names the client in the connection's log lines from now on. */
  identify(client: ClientNames): void;
  /**
   * The peer has sent something that is no frame, and goes on all the same: it is counted, and a log line tells.
   * @param bytes where it begins
   */
  malformed(fault: Fault, bytes: Buffer): void;
  /**
   * Encodes a frame at once, so that the object may be used again; the bytes leave at the end of this turn of
   * the event loop with all others.
   */
  send(frame: Out): void;
  /**
   * As `send`, for an acknowledgement: it leaves only when what was published before it is durable. The frame
   * may be kept until then.
   */
  sendAck(frame: Out): void;
  /**
   * As `send`, but in order: behind the acknowledgements given before that are not durable yet. The frame may be kept
   * until then, with all that it refers to.
   */
  sendBehindAcks(frame: Out): void;
  /** How many frames wait until something is durable: acknowledgements, and what goes behind them. */
  readonly held: number;
  /**
   * For an acknowledgement that is more than a frame: calls `run` later, when what the frame at hand has published
   * (outside of one, all that was published before) is durable, with true, or with false when it cannot be made so; not
   * once the connection has ended.
   * @returns false when there is nothing to wait for: `run` is not called
   */
  whenDurable(run: (durable: boolean) => void): boolean;
  /**
   * Sends what waits to be written, then closes; acknowledgements that are not durable yet do not leave any more. No
   * further frame comes to the channel, only `onClose`.
   * @param reason as operators see it in logs and counters: `normal`, `keepalive_timeout`, `protocol_error` …
   */
  end(reason: string): void;
  /** As `end`, but behind the acknowledgements given before that are not durable yet. No frame comes meanwhile. */
  endBehindAcks(reason: string): void;
  /** Sets the channel's one timer, in milliseconds from now; replaces an earlier setting. */
  setTimer(delay: number): void;
  clearTimer(): void;
}

/** What the hub lends to a gateway. */
export interface GatewayContext {
  /** The gateway's name: `mqtt`. */
  readonly name: string;
  /** The node's name, unique in a cluster. */
  readonly node: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly storage: GatewayStorage;
  /**
   * When the session of a client id began, connected or not, of whichever gateway: milliseconds since 1970; undefined
   * where there is none. What a gateway keeps beside a session is of no use to one that began at another time.
   */
  sessionSince(clientId: string): number | undefined;
  /**
   * Forgets the retained message of a topic; nobody is told.
   * @param topic with mountpoint
   */
  forgetRetained(topic: string): void;
  /** The door to the engine: runs hooks, authentication and takeover. */
  connect(request: ConnectRequest): MaybePromise<ConnectResult>;
  /** A number greater than any before, see {@link ConnectRequest.turn}. */
  takeTurn(): number;
  /**
   * Begins to ask a client in several steps who it is (MQTT 5 §4.12). When it is done, whatever came of it, the
   * gateway calls {@link connect} with `authenticated`; for a client that is connected already, asked once more,
   * the gateway itself sees to what follows.
   * @param method as the client names it: `SCRAM-SHA-256`
   * @param client as it has introduced itself; one that is connected, with its session's client id and username
   * @returns undefined when the method is not offered to this client; a banned client is asked nothing, its first step
   *   is done, and `connect` says why it is refused
   */
  startAuthentication(method: string, client: Introduction): EnhancedAuthentication | undefined;
  /**
   * For a peer that the gateway remembers from before the hub started: a connection to {@link connect} its client with,
   * although nothing has come by it. Nothing of the peer is proved, and it does not count as a login.
   * @param listener full name
   * @returns undefined when the gateway has no such listener, or it is not open
   */
  formerConnection(listener: string, peer: PeerAddress): ConnectionInfo | undefined;
  /**
   * The channel of a peer at an address, made if there is none, to speak to it before it speaks.
   * @param listener full name
   * @returns undefined when there is no way: the listener is not open, its peers have to come by themselves (as with
   *   DTLS), or this one may not
   */
  reach(listener: string, peer: PeerAddress): Channel<never> | undefined;
}

/** What devices can find a gateway by that do not know its address. */
export interface Announcement {
  readonly datagram: Buffer;
  /** A broadcast or multicast address, not a name. */
  readonly to: PeerAddress;
  /** Milliseconds from one to the next. */
  readonly interval: number;
}

/** A gateway that runs, for the listeners of one zone: made by {@link GatewayDefinition.create}. */
export interface Gateway<In, Out> {
  createCodec(info: ConnectionInfo): Codec<In, Out>;
  /** The channel may set its timer but must not send before its first frame. */
  createChannel(peer: Peer<Out>): Channel<In>;
  /** Sent from each of its UDP listeners, when that is opened and then again and again. */
  readonly announcement?: Announcement | undefined;
  /** What stands in the {@link GatewayDefinition.lists}. */
  readonly lists?: GatewayLists;
  /** Answers what came to a multicast group that a listener has joined. */
  readonly answerMulticast?: AnswerMulticast | undefined;
  /**
   * Reads what it remembers from before it was made; its listeners are opened when that is done. Called again for listeners
   * that are added while it runs.
   * @param listeners their full names
   * @param others full names of the listeners that the configuration gives the gateway beside these, in whichever zone
   */
  prepare?(listeners: readonly string[], others: readonly string[]): MaybePromise<void>;
  /** One of its listeners is open: peers may come, and may be spoken to. @param listener full name */
  opened?(listener: string): void;
  /**
   * Reads anew the files that its keys name; for those who are connected, too, holds what they say by then.
   * @throws PorticoError for a file that is not good; what was read before stays in use
   */
  reload?(): void;
  /** The gateway's listeners are closed and its channels gone: let go of what is its own. */
  stop?(): void;
}

/**
 * A protocol gateway, as a package exports it. Its life:
 *
 * 1. *validate*: its section of the configuration, `gateways.<name>`, is checked against `config` (with the
 *    keys every gateway has: `enable`, `listeners`, `zones` …). Nothing is made yet.
 * 2. *create*: `create` gets the checked configuration and the context, and allocates what all its
 *    connections share. It must not touch the network. It is called once for the listeners without a zone and
 *    once for each zone in use, with the configuration that holds there: metrics count them together.
 * 3. *start*: the hub lets it `prepare`, then opens the listeners. Each connection gets a codec and a channel.
 * 4. *stop*: the listeners close, every channel gets `onShutdown` and then `onClose`, the gateway `stop`.
 *    Sessions with an expiry live on in the engine. The gateway can be created again.
 *
 * All this can happen while the hub runs, as often as operators want: starting, stopping or changing one gateway touches
 * no other.
 */
export interface GatewayDefinition<Config = unknown, In = unknown, Out = unknown> {
  /** Key in the configuration, part of every listener's name: lower case, no punctuation. */
  readonly name: string;
  /** For people: `MQTT`, `CoAP`. */
  readonly title: string;
  /** For people, in a line: which peers it is for. */
  readonly description: string;
  /** The gateway's own keys in its section of the configuration. */
  readonly config: z.ZodType<Config>;
  /** Which kinds of listener it can have, and those it has when the configuration names none. */
  readonly transports: readonly TransportType[];
  readonly defaultListeners: DefaultListeners;
  /** What WebSocket listeners are like unless the configuration says otherwise; for gateways that can have them. */
  readonly webSocket?: WebSocketDefaults;
  /**
   * Whether its connections share nothing but configuration and counters. Where its own keys change at run time, those
   * there are live on by the old ones then, and new connections get the new ones; the gateway of others is restarted.
   */
  readonly independentConnections?: boolean;
  /** Whether it answers what is sent to multicast groups, see {@link Gateway.answerMulticast}. */
  readonly answersMulticast?: boolean;
  /** Tells people what is in its frames. */
  readonly explainer?: Explainer;
  /** What states its clients can be in, where they are more than connected or disconnected: `asleep`. */
  readonly states?: readonly string[];
  /** What the management API offers of it beside what all gateways have. */
  readonly lists?: readonly GatewayList[];
  /**
   * What is wrong with a listener that is to be opened, where keys of the gateway and keys of the listener have to go
   * together. Asked when the configuration is checked.
   * @param config as it holds for the zone of the listener
   * @returns undefined when all is well
   */
  checkListener?(config: Config, listener: ListenerConfig): ListenerFault | undefined;
  /**
   * Looks at the files that the gateway's own keys name. Asked when the configuration is checked without starting the
   * hub; {@link create} finds the same faults.
   * @param config as it holds for a zone in use
   * @throws PorticoError for what the gateway could not be created with
   */
  checkFiles?(config: Config): void;
  create(context: GatewayContext, config: Config): Gateway<In, Out>;
}

/** Where a gateway's WebSocket listeners are found, and what is spoken there. */
export interface WebSocketDefaults {
  /** `/mqtt`. */
  readonly path: string;
  /** Sub-protocols. */
  readonly protocols: readonly string[];
  /** Whether what is spoken is text, which SockJS carries: then its clients are served too. */
  readonly sockjs?: boolean;
}

/** A key of a listener that does not go together with the configuration of its gateway. */
export interface ListenerFault {
  readonly key: string;
  /** What is wrong with its value, and what is allowed. */
  readonly reason: string;
}

/** `{ tcp: { default: { bind: '127.0.0.1:1883' } } }` */
export type DefaultListeners = {
  readonly [type in TransportType]?: Readonly<Record<string, { readonly bind: string }>>;
};

/** Types a definition; the way a gateway package exports its gateway. */
export function defineGateway<Config, In, Out>(
  definition: GatewayDefinition<Config, In, Out>,
): GatewayDefinition<Config, In, Out> {
  return definition;
}
