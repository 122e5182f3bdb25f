import {
  AckCode,
  type ConnectFrame,
  type Frame,
  MAX_PAYLOAD_LENGTH,
  PROTOCOL_VERSION,
} from '@portico/codec-tcp';
import {
  type AttachedSession,
  ClientChannel,
  type ConnectRequest,
  type DeliverResult,
  type GatewayContext,
  isPromise,
  type MaybePromise,
  type Message,
  type Peer,
  type QoS,
  type SessionHandler,
  type SessionOptions,
  type SubscriptionView,
} from '@portico/core';
import type { TcpConfig } from './config.js';
import { type DeviceTopics, topicsOf } from './topics.js';

/** A client is given up after this many keepalive intervals without a byte. */
const KEEPALIVE_TOLERANCE = 1.5;

/** The tag of a device's own subscription; it may have others, which operators have made. */
const DOWNLINK = 'downlink';

/** What all channels of the gateway share. */
export interface TcpSettings {
  readonly config: TcpConfig;
  readonly session: SessionOptions;
}

/**
 * One device: CONNECT opens a session and subscribes it to the device's downlink topic; from then on each
 * DATATRANS is a publication on its uplink topic, and each message of the subscription a DATATRANS.
 */
export class TcpChannel extends ClientChannel<Frame, Frame> implements SessionHandler {
  readonly #context: GatewayContext;
  readonly #settings: TcpSettings;
  #upTopic = '';

  constructor(peer: Peer<Frame>, context: GatewayContext, settings: TcpSettings) {
    super(peer, context.clock, settings.config.idle_timeout);
    this.#context = context;
    this.#settings = settings;
  }

  // From the device

  onFrame(frame: Frame): MaybePromise<void> {
    if (this.session !== undefined) return this.#onSessionFrame(this.session, frame);
    if (frame.type === 'connect') return this.#connect(frame);
    this.close('connect_expected');
  }

  #onSessionFrame(session: AttachedSession, frame: Frame): MaybePromise<void> {
    switch (frame.type) {
      case 'datatrans':
        return this.#publish(session, frame.payload);
      case 'ping':
        return this.peer.send({ type: 'pong' });
      case 'disconnect':
        return this.close('normal');
      case 'connect':
        return this.close('second_connect');
      case 'connack':
      case 'pong':
        return this.close('server_frame');
    }
  }

  async #connect(frame: ConnectFrame): Promise<void> {
    const { version, keepalive } = frame;
    if (version !== PROTOCOL_VERSION) {
      return this.#refuse(
        'unsupported_version',
        `version ${version} is not supported`,
        AckCode.illegalVersion,
      );
    }
    const { peer, proven } = this.peer.info;
    const clientId = proven?.clientId ?? frame.clientId;
    const username = proven?.username ?? frame.username;
    this.peer.identify({ clientId, username });
    if (clientId === '') return this.#refuse('clientid_invalid', 'the client id is missing');
    // Before the hub is asked: a device without topics never was there.
    const topics = topicsOf(this.#settings.config, { clientId, username, peer });
    if ('error' in topics) return this.#refuse('clientid_invalid', topics.error);
    const result = await this.#context.connect(this.#connectRequest(frame));
    if (!result.ok) this.#refuse(result.refusal);
    else if (this.closed) result.session.close('closed');
    else await this.#open(result.session, keepalive);
  }

  #connectRequest(frame: ConnectFrame): ConnectRequest {
    const { config, session } = this.#settings;
    const sessionExpiry = Math.ceil(config.session_expiry_interval / 1000);
    return {
      clientId: frame.clientId,
      username: frame.username,
      password: frame.password,
      protocol: 'TCP',
      protocolVersion: frame.version,
      connection: this.peer.info,
      mountpoint: config.mountpoint,
      keepalive: frame.keepalive,
      cleanStart: sessionExpiry === 0,
      sessionExpiry,
      options: session,
      mergeOverlapping: true,
      retransmits: false,
      handler: this,
    };
  }

  /** Subscribes before it answers, so that a device that has its CONNACK misses nothing. */
  async #open(session: AttachedSession, keepalive: number): Promise<void> {
    this.session = session;
    const { config } = this.#settings;
    const topics = topicsOf(config, session.client);
    if ('error' in topics) return this.#refuse('clientid_invalid', topics.error);
    // A session from before may have had another user name, or come through another zone.
    for (const filter of session.filters) {
      if (filter !== topics.dn && session.tagOf(filter) === DOWNLINK) await session.unsubscribe(filter);
    }
    const subscribed = await session.subscribe(topics.dn, { qos: config.dn_qos, tag: DOWNLINK });
    if (this.closed) return;
    if (subscribed.ok) this.#accept(session, topics, keepalive);
    else this.#refuse(subscribed.refusal);
  }

  #accept(session: AttachedSession, topics: DeviceTopics, keepalive: number): void {
    this.#upTopic = topics.up;
    this.peer.identify(session.client);
    this.peer.send({ type: 'connack', code: AckCode.successful, message: 'Connect Successfully' });
    this.setKeepalive(keepalive);
    session.resume();
  }

  /**
   * @param reason for operators
   * @param message for the device
   */
  #refuse(reason: string, message: string = reason.replaceAll('_', ' '), code: AckCode = AckCode.authFailed) {
    this.peer.send({ type: 'connack', code, message });
    this.close(reason);
  }

  /** There is no frame to refuse a publication with: the hub drops it and counts it. */
  #publish(session: AttachedSession, payload: Buffer): MaybePromise<void> {
    const result = session.publish({
      topic: this.#upTopic,
      payload,
      qos: this.#settings.config.up_qos,
      retain: false,
    });
    if (isPromise(result)) return result.then(() => undefined);
  }

  // To the device

  /** See `SessionHandler.takesAnyTopic`. */
  get takesAnyTopic(): boolean {
    return true;
  }

  get writable(): boolean {
    return this.peer.writable;
  }

  deliver(
    { payload }: Message,
    _topic: string,
    _subscription: SubscriptionView,
    qos: QoS,
    packetId: number,
  ): DeliverResult {
    if (payload.length > MAX_PAYLOAD_LENGTH) return 'too_large';
    this.peer.send({ type: 'datatrans', payload });
    if (qos === 1) this.session?.acked(packetId);
    return 'ok';
  }

  setKeepalive(seconds: number): void {
    this.allowSilence(seconds * 1000 * KEEPALIVE_TOLERANCE);
  }
}
