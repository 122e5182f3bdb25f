import { AccessControl, type AccessPolicy } from '../access/access-control.js';
import { type ClientPolicy, DEFAULT_CLIENT_POLICY, type Entrance } from '../access/client-policy.js';
import type { AccessAction, AuthorizationAnswer } from '../access/types.js';
import { alarmConfigSchema } from '../alarms/alarm-config.js';
import { Alarms } from '../alarms/alarms.js';
import { brokerConfigSchema } from '../engine/broker-config.js';
import { Engine } from '../engine/engine.js';
import { Hooks } from '../engine/hooks.js';
import type { Message, QoS } from '../engine/message.js';
import type { DeliverResult } from '../engine/outcomes.js';
import { sessionConfigSchema, sessionOptions } from '../engine/session-config.js';
import type {
  AttachedSession,
  ConnectRequest,
  ConnectResult,
  SessionHandler,
  SessionOptions,
} from '../engine/types.js';
import type { GatewayContext } from '../gateway/contract.js';
import { GatewayStorage } from '../gateway/gateway-storage.js';
import { VirtualClock } from '../runtime/clock.js';
import { type Logger, silentLogger } from '../runtime/logger.js';
import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import { Metrics } from '../runtime/metrics.js';
import { Timers } from '../runtime/timers.js';
import { MemoryStore } from '../store/memory-store.js';
import type { Store } from '../store/store.js';
import { SysPublisher } from '../sys/sys-publisher.js';
import { connectionInfo, RecordingPeer } from './recording-peer.js';

const NODE = 'test@127.0.0.1';

/** A message as a {@link TestClient} got it. */
export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
  readonly packetId: number;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly subscriptionIds: readonly number[] | undefined;
  readonly message: Message;
}

/** The far side of a session that keeps what it is sent. Acknowledges by itself unless told not to. */
export class TestClient implements SessionHandler {
  writable = true;
  /** See `SessionHandler.takesAnyTopic`. */
  takesAnyTopic = true;
  autoAck = true;
  /** Largest payload that it takes. */
  maxPayload = Number.POSITIVE_INFINITY;
  readonly received: Received[] = [];
  readonly released: number[] = [];
  detachedBy: string | undefined;
  session!: AttachedSession;

  deliver(
    message: Message,
    topic: string,
    subscription: { subscriptionIds: readonly number[] | undefined },
    qos: QoS,
    packetId: number,
    retain: boolean,
    dup: boolean,
  ): DeliverResult {
    if (message.payload.length > this.maxPayload) return 'too_large';
    const { subscriptionIds } = subscription;
    const payload = message.payload.toString();
    this.received.push({
      topic,
      payload,
      qos,
      packetId,
      retain,
      dup,
      subscriptionIds,
      message: message.keep(),
    });
    if (this.autoAck && qos === 1) this.session.acked(packetId);
    if (this.autoAck && qos === 2) this.session.received(packetId);
    return 'ok';
  }

  release(packetId: number): void {
    this.released.push(packetId);
    if (this.autoAck) this.session.completed(packetId);
  }

  detached(reason: string): void {
    this.detachedBy = reason;
  }

  /** `topic=payload` of everything received since the last call. */
  take(): string[] {
    return this.received.splice(0).map(({ topic, payload }) => `${topic}=${payload}`);
  }

  /** Publishes and expects an answer at once. */
  publish(topic: string, payload: string, qos: QoS = 0, retain = false): string {
    const result = this.session.publish({ topic, payload: Buffer.from(payload), qos, retain });
    if (isPromise(result)) throw new Error('the publication waits for something asynchronous');
    return result;
  }

  /** Subscribes and expects an answer at once. */
  subscribe(filter: string, options: Partial<Parameters<AttachedSession['subscribe']>[1]> = {}): void {
    const result = this.session.subscribe(filter, { qos: 0, ...options });
    if (isPromise(result)) throw new Error('the subscription waits for something asynchronous');
    if (!result.ok) throw new Error(`subscription refused: ${result.refusal}`);
  }
}

/** What {@link TestHub} may be given in place of its defaults. */
export interface TestHubOptions {
  readonly policy?: Partial<Omit<AccessPolicy, 'clients'> & ClientPolicy>;
  /** Keys of the `broker` section of the configuration. */
  readonly broker?: Record<string, unknown>;
  readonly store?: Store;
  readonly log?: Logger;
  readonly clock?: VirtualClock;
}

/**
 * An engine on a clock that stands still, for tests of gateways and modules: no sockets, no configuration
 * file. Everything is allowed unless the options say otherwise.
 */
export class TestHub {
  readonly clock: VirtualClock;
  readonly metrics = new Metrics();
  readonly hooks: Hooks;
  readonly timers: Timers;
  readonly engine: Engine;
  readonly access: AccessControl;
  readonly alarms: Alarms;
  /** The way that all clients come in by. */
  readonly entrance: Entrance;
  /** What threw inside a timer or a hook; a test may assert that it is empty. */
  readonly errors: unknown[] = [];

  constructor(options: TestHubOptions = {}) {
    this.clock = options.clock ?? new VirtualClock();
    const log = options.log ?? silentLogger;
    this.entrance = {
      zone: undefined,
      policy: { ...DEFAULT_CLIENT_POLICY, allowAnonymous: true, ...options.policy },
      loopback: true,
    };
    this.timers = new Timers(this.clock, (error) => this.errors.push(error));
    this.hooks = new Hooks((_point, _hook, error) => this.errors.push(error));
    const { clock, timers, metrics, hooks } = this;
    this.access = new AccessControl({
      policy: {
        clients: this.entrance.policy,
        flapping: { maxCount: 30, window: 60_000, banTime: 300_000 },
        noMatch: 'allow',
        cache: { maxSize: 32, ttl: 60_000 },
        ...options.policy,
      },
      hooks,
      metrics,
      clock,
      log,
    });
    this.engine = new Engine({
      config: brokerConfigSchema.parse(options.broker ?? {}),
      access: this.access,
      hooks,
      store: options.store ?? new MemoryStore(),
      clock,
      timers,
      metrics,
      log,
    });
    const publisher = new SysPublisher(this.engine, NODE);
    this.alarms = new Alarms({ config: alarmConfigSchema.parse({}), publisher, clock, log });
  }

  /** The context that a gateway is created with. */
  context(name: string): GatewayContext {
    const { clock, timers, metrics } = this;
    return {
      name,
      node: NODE,
      clock,
      timers,
      metrics,
      log: this.engine.log,
      storage: new GatewayStorage(this.engine.store, name),
      sessionSince: (clientId) => this.engine.sessions.get(clientId)?.createdAt,
      forgetRetained: (topic) => this.engine.retained.delete(topic),
      connect: (request) => this.connect(request),
      takeTurn: () => this.engine.takeTurn(),
      startAuthentication: (method, client) => this.engine.startAuthentication(method, client, this.entrance),
      formerConnection: (listener, peer) => connectionInfo(name, { listener, peer }),
      reach: () => undefined,
    };
  }

  /** A peer for a channel of the gateway. */
  peer<Out>(gateway: string, changes: Parameters<typeof connectionInfo>[1] = {}): RecordingPeer<Out> {
    return new RecordingPeer<Out>(connectionInfo(gateway, changes), this.clock, this.timers);
  }

  /** Answers every question about publishing or about subscribing. */
  authorize(action: AccessAction, answer: MaybePromise<AuthorizationAnswer>): void {
    this.access.addAuthorizer({
      name: 'test',
      authorize: (_, asked) => (asked === action ? answer : 'ignore'),
    });
  }

  /** A client comes in. */
  connect(request: ConnectRequest): MaybePromise<ConnectResult> {
    return this.engine.connect(request, this.entrance);
  }

  /** A connected client of no protocol in particular, such as an application beside a device. */
  client(
    clientId: string,
    changes: Partial<Omit<ConnectRequest, 'options'>> & { options?: Partial<SessionOptions> } = {},
  ): TestClient {
    const client = new TestClient();
    const result = this.connect(this.request(clientId, client, changes));
    if (isPromise(result)) throw new Error('connecting waits for something asynchronous');
    if (!result.ok) throw new Error(`not connected: ${result.refusal}`);
    client.session = result.session;
    client.session.resume();
    return client;
  }

  /** A request to connect as {@link client} makes it. */
  request(
    clientId: string,
    handler: SessionHandler,
    changes: Partial<Omit<ConnectRequest, 'options'>> & { options?: Partial<SessionOptions> } = {},
  ): ConnectRequest {
    return {
      clientId,
      username: undefined,
      password: undefined,
      protocol: 'TEST',
      protocolVersion: 1,
      connection: connectionInfo('test'),
      mountpoint: '',
      keepalive: 0,
      cleanStart: true,
      sessionExpiry: 0,
      mergeOverlapping: true,
      retransmits: true,
      handler,
      ...changes,
      options: { ...sessionOptions(sessionConfigSchema.parse({})), ...changes.options },
    };
  }

  /** Lets work that was put off to the next turn of the event loop happen. */
  nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
