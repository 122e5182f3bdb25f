import { describe, type Frame } from '@portico/codec-tcp';
import {
  type Channel,
  type ClientInfo,
  type ConnectionInfo,
  type ConnectRequest,
  type ConnectResult,
  type MaybePromise,
  Message,
  Metrics,
  type PublishResult,
  type QoS,
  type SessionDoor,
  type SubscribeResult,
  silentLogger,
  Timer,
  Timers,
  VirtualClock,
} from '@portico/core';
import { tcpConfig } from './config.js';
import { tcpGateway } from './gateway.js';

const CONNECTION: ConnectionInfo = {
  id: 1,
  transport: 'tcp',
  gateway: 'tcp',
  listener: 'tcp:tcp:default',
  peer: { host: '192.0.2.7', port: 50123 },
  local: { host: '127.0.0.1', port: 8090 },
  certificate: undefined,
  serverName: undefined,
  subprotocol: undefined,
};

/** What the hub answers; where nothing is said, it agrees at once. */
export interface HubAnswers {
  connect?: (agreed: ConnectResult) => MaybePromise<ConnectResult>;
  subscribe?: (agreed: SubscribeResult) => MaybePromise<SubscribeResult>;
  publish?: () => MaybePromise<PublishResult>;
}

/**
 * A channel between a connection and a session that only write down what it does with them: `journal` has a
 * line for each effect, in order.
 */
export class TestDevice {
  readonly journal: string[] = [];
  readonly clock = new VirtualClock();
  readonly channel: Channel<Frame>;
  /** What the channel asked the hub for at its login. */
  request: ConnectRequest | undefined;
  writable = true;
  lastReceived = 0;
  readonly #answers: HubAnswers;

  constructor(config: Record<string, unknown> = {}, answers: HubAnswers = {}) {
    this.#answers = answers;
    const timers = new Timers(this.clock, (error) => {
      throw error;
    });
    const gateway = tcpGateway.create(
      {
        name: 'tcp',
        node: 'portico@test',
        clock: this.clock,
        timers,
        metrics: new Metrics(),
        log: silentLogger,
        connect: (request) => this.#connect(request),
      },
      tcpConfig.parse(config),
    );
    this.channel = gateway.createChannel(this.#peer(timers));
  }

  /** The effects since the last look. */
  look(): string[] {
    return this.journal.splice(0);
  }

  /** The device sends a frame. */
  sends(frame: Frame): MaybePromise<void> {
    this.lastReceived = this.clock.monotonic();
    return this.channel.onFrame(frame);
  }

  /** The device sends a CONNECT of client `abcd`, keepalive 60, unless told otherwise. */
  logsIn(fields: Partial<Frame & { type: 'connect' }> = {}): MaybePromise<void> {
    return this.sends({
      type: 'connect',
      version: 1,
      keepalive: 60,
      clientId: 'abcd',
      username: undefined,
      password: undefined,
      ...fields,
    });
  }

  /** The hub has a message for the device. */
  isSent(payload: Buffer, qos: QoS = 0, packetId = 0): boolean {
    const message = new Message({ topic: 'tcp/abcd/dn', payload, qos, timestamp: this.clock.now() });
    const subscription = { filter: message.topic, qos, subscriptionIds: undefined, tag: undefined };
    const handler = this.request?.handler;
    return handler?.deliver(message, message.topic, subscription, qos, packetId, false, false) ?? false;
  }

  #peer(timers: Timers) {
    const device = this;
    const timer = new Timer(() => this.channel.onTimer());
    return {
      info: CONNECTION,
      get writable() {
        return device.writable;
      },
      get lastReceived() {
        return device.lastReceived;
      },
      identify: () => {},
      send: (frame: Frame) => this.#note(`> ${describe(frame)}`),
      sendAck: (frame: Frame) => this.#note(`> ${describe(frame)}`),
      close: (reason: string) => this.#note(`connection closed: ${reason}`),
      setTimer: (delay: number) => timers.arm(timer, delay),
      clearTimer: () => timers.cancel(timer),
    };
  }

  #connect(request: ConnectRequest): MaybePromise<ConnectResult> {
    this.request = request;
    const agreed: ConnectResult = { ok: true, session: this.#session(request), present: false };
    return this.#answers.connect?.(agreed) ?? agreed;
  }

  #session({ connection, placeholders: _, ...request }: ConnectRequest): SessionDoor {
    const client: ClientInfo = {
      ...request,
      peer: connection.peer,
      localPort: connection.local.port,
      gateway: connection.gateway,
      listener: connection.listener,
      isSuperuser: false,
      anonymous: true,
      certificate: undefined,
      connectedAt: this.clock.now(),
    };
    const agree = () => true;
    return {
      client,
      subscribe: (filter, { qos }) => {
        this.#note(`subscribe ${filter} qos ${qos}`);
        const agreed: SubscribeResult = { ok: true, qos };
        return this.#answers.subscribe?.(agreed) ?? agreed;
      },
      publish: ({ topic, payload, qos, retain, owned }) => {
        this.#note(`publish ${topic} ${payload} qos ${qos} retain ${retain} owned ${owned}`);
        return this.#answers.publish?.() ?? 'ok';
      },
      acked: (packetId) => this.#note(`acked ${packetId}`),
      received: (packetId) => this.#note(`received ${packetId}`),
      completed: (packetId) => this.#note(`completed ${packetId}`),
      resume: () => this.#note('deliveries flow'),
      close: (reason) => this.#note(`session closed: ${reason}`),
      publishOnce: () => 'ok',
      releasePublished: agree,
      unsubscribe: () => 'ok',
      refused: agree,
      setSessionExpiry: agree,
      clearWill: agree,
      statistics: { subscriptions: 1, inflight: 0, mqueueLength: 0, mqueueDropped: 0, awaitingRel: 0 },
    };
  }

  #note(line: string): true {
    this.journal.push(line);
    return true;
  }
}
