import {
  type AuthPacket,
  type ConnectPacket,
  type ControlPacket,
  type DisconnectPacket,
  MqttFault,
  type ProtocolVersion,
  ReasonCode,
  type ReceivedPacket,
} from '@portico/codec-mqtt';
import {
  type AttachedSession,
  type Authenticated,
  ClientChannel,
  type ConnectResult,
  type FrameFault,
  isPromise,
  type MaybePromise,
  type Peer,
} from '@portico/core';
import { onPuback, onPubcomp, onPubrec } from './acknowledgements.js';
import { AuthExchanges } from './authenticating.js';
import type { OutgoingFrame } from './codec.js';
import {
  connackProperties,
  connectRequest,
  effectiveKeepAlive,
  identify,
  introduction,
} from './connecting.js';
import { Deliveries } from './deliveries.js';
import { explanationOf } from './explanations.js';
import { fitting } from './packet-size.js';
import { Publications } from './publications.js';
import {
  type ConnackRefusal,
  connackCode,
  disconnectCode,
  type Ending,
  goodbyeReason,
  isAuthRefusal,
  refusalAmidLogin,
} from './reasons.js';
import type { Explanation, Outlet, Shared } from './shared.js';
import { subscribe, unsubscribe } from './subscribing.js';

/**
 * One MQTT client: CONNECT opens its session; from then on each packet goes to the part that it belongs to,
 * until one side says goodbye.
 */
export class MqttChannel extends ClientChannel<ReceivedPacket, OutgoingFrame> implements Outlet {
  readonly #shared: Shared;
  #version: ProtocolVersion = 4;
  /** The inbound half, from the first PUBLISH on: many clients never send one. */
  #publications: Publications | undefined;
  /** Of a client whose CONNECT names an authentication method. */
  #auth: AuthExchanges | undefined;
  /** Whether the client wants Reason Strings. */
  #explains = true;
  /** Bytes of the longest packet that the client takes. */
  #largest = Number.POSITIVE_INFINITY;

  constructor(peer: Peer<OutgoingFrame>, shared: Shared) {
    super(peer, shared.context.clock, shared.config.idle_timeout);
    this.#shared = shared;
  }

  // From the client

  onFrame(packet: ReceivedPacket): MaybePromise<void> {
    this.#shared.counters.received(packet.type);
    const session = this.session;
    if (session !== undefined) return this.#onSessionPacket(session, packet);
    if (this.#auth !== undefined) return this.#onLoginPacket(this.#auth, packet);
    if (packet.type === 'connect') return this.#connect(packet);
    this.close('connect_expected');
  }

  /** Until the CONNACK only AUTH and DISCONNECT may come, MQTT 5 §3.1.2.11.9. */
  #onLoginPacket(auth: AuthExchanges, packet: ReceivedPacket): MaybePromise<void> {
    if (packet.type === 'auth' && auth.isContinuedBy(packet)) {
      return auth.next(packet.properties?.authenticationData);
    }
    if (packet.type === 'disconnect') return this.close('normal');
    this.#refuse('protocol_error', `${packet.type.toUpperCase()} in the exchange of AUTH packets`);
  }

  #onSessionPacket(session: AttachedSession, packet: ReceivedPacket): MaybePromise<void> {
    switch (packet.type) {
      case 'publish':
        return this.#inbound(session).onPublish(packet);
      case 'puback':
        return onPuback(session, packet, this, this.#shared);
      case 'pubrec':
        return onPubrec(session, packet, this, this.#shared);
      case 'pubrel':
        return this.#inbound(session).onPubrel(packet);
      case 'pubcomp':
        return onPubcomp(session, packet, this, this.#shared);
      case 'subscribe':
        return subscribe(session, packet, this, this.#shared);
      case 'unsubscribe':
        return unsubscribe(session, packet, this, this.#shared);
      case 'pingreq':
        return this.send({ type: 'pingresp' });
      case 'disconnect':
        return this.#onDisconnect(session, packet);
      case 'auth':
        return this.#reauthenticate(session, packet);
      default:
        return this.end('protocol_error', `${packet.type.toUpperCase()} when connected`);
    }
  }

  #inbound(session: AttachedSession): Publications {
    this.#publications ??= new Publications(session, this, this.#shared, this.#version);
    return this.#publications;
  }

  #connect(packet: ConnectPacket): MaybePromise<void> {
    const { protocolVersion, properties } = packet;
    this.#version = protocolVersion;
    this.#largest = properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.#explains = properties?.requestProblemInformation !== false;
    const { username } = packet;
    const identity = identify(packet, this.peer.info.proven, this.#shared.config);
    this.peer.identify({ clientId: identity.ok ? identity.clientId : packet.clientId, username });
    if (!identity.ok) return this.#refuse(identity.refusal);
    const method = properties?.authenticationMethod;
    return method === undefined
      ? this.#enter(packet, identity.clientId)
      : this.#login(packet, identity.clientId, method);
  }

  /** Asks who the client is in several steps, before it may enter. */
  #login(packet: ConnectPacket, clientId: string, method: string): MaybePromise<void> {
    const auth = new AuthExchanges(method, this.#shared.context, this);
    const client = introduction(packet, clientId, this.peer.info);
    const offered = auth.open(client, (result, data) => {
      if (!this.closed) return this.#enter(packet, clientId, result, data);
    });
    if (!offered) return this.#refuse('bad_authentication_method');
    this.#auth = auth;
    return auth.next(packet.properties?.authenticationData);
  }

  /**
   * Opens the session.
   * @param authenticated what an exchange of AUTH packets has come to
   * @param data its last word to the client
   */
  #enter(
    packet: ConnectPacket,
    clientId: string,
    authenticated?: Authenticated,
    data?: Buffer,
  ): MaybePromise<void> {
    const handler = new Deliveries(this.peer, this, this.#shared, packet);
    const request = connectRequest(packet, clientId, this.peer.info, this.#shared, handler);
    if (authenticated !== undefined) request.authenticated = authenticated;
    const result = this.#shared.context.connect(request);
    if (isPromise(result)) return result.then((settled) => this.#onConnectResult(packet, settled, data));
    this.#onConnectResult(packet, result, data);
  }

  #onConnectResult(packet: ConnectPacket, result: ConnectResult, data: Buffer | undefined): void {
    if (!result.ok) this.#refuse(this.#told(result.refusal));
    else if (this.closed) result.session.close('closed');
    else this.#welcome(packet, result.session, result.present, data);
  }

  /** Where the client has proved nothing by its method there is no user name or password that would be bad. */
  #told(refusal: ConnackRefusal): ConnackRefusal {
    return this.#auth !== undefined && refusal === 'bad_credentials' ? 'not_authorized' : refusal;
  }

  #welcome(
    packet: ConnectPacket,
    session: AttachedSession,
    sessionPresent: boolean,
    authenticationData: Buffer | undefined,
  ): void {
    const { clientId } = session.client;
    this.session = session;
    this.peer.identify(session.client);
    const properties =
      this.#version === 5
        ? {
            ...connackProperties(packet, clientId, this.#shared),
            ...this.#auth?.properties(authenticationData),
          }
        : undefined;
    this.send({ type: 'connack', sessionPresent, reasonCode: ReasonCode.success, properties });
    this.setKeepalive(effectiveKeepAlive(packet, this.#shared.config));
    session.resume();
  }

  #refuse(refusal: ConnackRefusal, explanation = explanationOf(refusal)): void {
    const reasonCode = connackCode(refusal, this.#version);
    if (reasonCode !== undefined) {
      const { named } = this.#shared.counters;
      named['packets.connack.error'].value++;
      if (isAuthRefusal(refusal)) named['packets.connack.auth_error'].value++;
      const properties = this.explanation(explanation);
      this.send({ type: 'connack', sessionPresent: false, reasonCode, properties });
    }
    this.close(refusal);
  }

  /** A connected client is asked again, or answers what it was asked, while everything else goes on. */
  #reauthenticate(session: AttachedSession, packet: AuthPacket): MaybePromise<void> {
    const auth = this.#auth;
    const data = packet.properties?.authenticationData;
    if (auth?.isContinuedBy(packet)) return auth.next(data);
    const { clientId, username } = session.client;
    const client = { clientId, username, password: undefined, protocol: 'MQTT', connection: this.peer.info };
    const begun = auth?.isBegunBy(packet) && auth.open(client, (result, last) => this.#onAsked(result, last));
    return begun ? auth?.next(data) : this.end('protocol_error', 'AUTH that nobody asked for');
  }

  #onAsked({ outcome }: Authenticated, data: Buffer | undefined): void {
    if (outcome.ok) this.#auth?.send(ReasonCode.success, data);
    else this.end('not_authorized');
  }

  /** MQTT 5 §3.14: only a normal disconnection drops the will. */
  #onDisconnect(session: AttachedSession, { reasonCode, properties }: DisconnectPacket): void {
    const expiry = properties?.sessionExpiryInterval;
    if (expiry !== undefined && expiry > 0 && session.client.sessionExpiry === 0) {
      this.end('protocol_error', 'a session expiry interval that CONNECT did not have');
      return;
    }
    if (expiry !== undefined) session.setSessionExpiry(expiry);
    if (reasonCode === ReasonCode.normalDisconnection) session.clearWill();
    this.close(goodbyeReason(reasonCode));
  }

  // To the client

  send(packet: ControlPacket): void {
    const fit = this.#fitting(packet);
    if (fit === undefined) return;
    this.#shared.counters.sent(fit.type);
    this.peer.send(fit);
  }

  sendAck(packet: ControlPacket): void {
    const fit = this.#fitting(packet);
    if (fit === undefined) return;
    this.#shared.counters.sent(fit.type);
    this.peer.sendAck(fit);
  }

  /** A client that waits for a packet that it does not take is let go, MQTT 5 §3.1.2.11.4. */
  #fitting(packet: ControlPacket): ControlPacket | undefined {
    if (this.closed) return undefined;
    const fit = fitting(packet, this.#largest);
    if (fit !== undefined) return fit;
    if (packet.type === 'connack' || packet.type === 'disconnect') this.close('packet_too_large');
    else this.end('packet_too_large');
    return undefined;
  }

  setKeepalive(seconds: number): void {
    this.allowSilence(seconds * 1000 * this.#shared.config.keepalive_backoff * 2);
  }

  end(ending: Ending, explanation = explanationOf(ending)): void {
    if (this.#version === 5 && this.session !== undefined) {
      this.send(this.#goodbye(ending, explanation));
    }
    this.close(ending);
  }

  #goodbye(ending: Ending, explanation: string | undefined): DisconnectPacket {
    const { server_reference } = this.#shared.config;
    if (ending === 'server_shutdown' && server_reference !== '') {
      const properties = { serverReference: server_reference };
      return { type: 'disconnect', reasonCode: ReasonCode.useAnotherServer, properties };
    }
    const properties = this.explanation(explanation);
    return { type: 'disconnect', reasonCode: disconnectCode(ending), properties };
  }

  explanation(reasonString: string | undefined): Explanation | undefined {
    return reasonString !== undefined && this.#explains ? { reasonString } : undefined;
  }

  // From the connection

  protected override onSilence(): void {
    this.end('keepalive_timeout');
  }

  override onFrameError(error: FrameFault): void {
    if (!(error instanceof MqttFault)) this.close(error.code);
    else if (this.session !== undefined) this.end(error.code, error.message);
    else if (this.#auth !== undefined) this.#refuse(refusalAmidLogin(error.code), error.message);
    else {
      this.#version = error.version;
      this.#refuse(error.code, error.message);
    }
  }

  override onShutdown(): void {
    this.end('server_shutdown');
  }

  override onStorageFailure(): void {
    this.end('storage_failed');
  }
}
