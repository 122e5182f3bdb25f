import { randomUUID } from 'node:crypto';
import {
  type ConnectMessage,
  PROTOCOL_ID,
  ReturnCode,
  type WillMsgMessage,
  type WillTopicMessage,
} from '@portico/codec-mqtt-sn';
import {
  type AttachedSession,
  type ConnectRequest,
  type ConnectResult,
  isPromise,
  type MaybePromise,
  type Will,
} from '@portico/core';
import type { SnAddress } from './address.js';
import { SnClient } from './client.js';
import { type ClientInit, clientInit } from './client-init.js';
import type { Legacy } from './client-records.js';
import type { Clients } from './clients.js';
import { loginOf } from './login.js';
import { returnCodeOf } from './return-codes.js';
import type { Shared } from './shared.js';

/** Octets of a client id; the specification says 23, but clients use more. */
const MAX_CLIENT_ID_LENGTH = 255;

/** How clients come in: CONNECT with or without the dialogue about the will, and waking after a restart of the hub. */
export class Entrance {
  readonly #shared: Shared;
  readonly #clients: Clients;

  /** One for all clients. */
  readonly #onEnd = (ended: SnClient): void => this.#clients.remove(ended);

  constructor(shared: Shared, clients: Clients) {
    this.#shared = shared;
    this.#clients = clients;
  }

  // MQTT-SN 1.2 §6.2 and §6.3

  onConnect(address: SnAddress, message: ConnectMessage): MaybePromise<void> {
    address.dialogue = undefined;
    const connect = { ...message, clientId: address.clientIdOf(message.clientId) };
    if (!isAcceptable(connect)) return this.#refuse(address, ReturnCode.notSupported);
    if (!connect.will) return this.#enter(address, connect, 'unchanged');
    address.dialogue = { connect, topic: undefined, heardAt: this.#now };
    address.send({ type: 'willtopicreq' });
  }

  onWillTopic(address: SnAddress, topic: WillTopicMessage): MaybePromise<void> {
    const { dialogue } = address;
    if (dialogue === undefined) return this.#unexpected(address);
    const { connect } = dialogue;
    if (topic.willTopic === '') return this.#enter(address, connect, undefined);
    address.dialogue = { connect, topic, heardAt: this.#now };
    address.send({ type: 'willmsgreq' });
  }

  onWillMsg(address: SnAddress, { willMsg }: WillMsgMessage): MaybePromise<void> {
    const { dialogue, client } = address;
    if (dialogue?.topic !== undefined) {
      const will = willOf(dialogue.topic, Buffer.from(willMsg));
      if (will === undefined) return this.#refuse(address, ReturnCode.notSupported);
      return this.#enter(address, dialogue.connect, will);
    }
    // It has not got the CONNACK.
    if (client !== undefined) address.send({ type: 'connack', returnCode: ReturnCode.accepted });
    else this.#unexpected(address);
  }

  get #now(): number {
    return this.#shared.context.clock.monotonic();
  }

  #unexpected(address: SnAddress): void {
    this.#shared.metrics.counters['mqttsn.messages.unexpected'].value++;
    if (address.client === undefined) address.dismiss();
  }

  /** @param will `unchanged` for that of the session, if any */
  #enter(
    address: SnAddress,
    connect: ConnectMessage,
    will: Will | undefined | 'unchanged',
  ): MaybePromise<void> {
    address.dialogue = undefined;
    const { cleanSession } = connect;
    const clientId = connect.clientId || `mqttsn-${randomUUID()}`;
    const enter = (legacy: Legacy | undefined): MaybePromise<void> => {
      const kept = will === 'unchanged' ? legacy?.will : will;
      return this.#open(address, clientInit(connect, clientId, kept, legacy));
    };
    if (cleanSession) return enter(undefined);
    const present = (): Legacy | undefined => this.#clients.get(clientId)?.legacy;
    const legacy = present();
    if (legacy !== undefined) return enter(legacy);
    // It may have come in from elsewhere meanwhile.
    return this.#shared.records.load(clientId).then((loaded) => enter(present() ?? loaded));
  }

  #open(address: SnAddress, init: ClientInit): MaybePromise<void> {
    if (!this.#hasRoom(address, init.clientId)) return this.#refuse(address, ReturnCode.congestion);
    const client = this.#newClient(address, init);
    const result = this.#connect(client, init.cleanSession);
    if (isPromise(result)) return result.then((settled) => this.#opened(client, settled));
    this.#opened(client, result);
  }

  /** Whether a client may come in, perhaps in the place of another one. */
  #hasRoom({ client }: SnAddress, clientId: string): boolean {
    if (this.#clients.size < this.#shared.config.max_clients) return true;
    return client !== undefined || this.#clients.get(clientId) !== undefined;
  }

  #opened(client: SnClient, result: ConnectResult): void {
    const { address } = client;
    if (!result.ok) this.#refuse(address, returnCodeOf(result.refusal));
    else if (this.#settle(client, result.session)) client.begin(result.session);
  }

  #refuse(address: SnAddress, returnCode: number): void {
    address.dialogue = undefined;
    this.#shared.metrics.counters['mqttsn.connect.refused'].value++;
    address.send({ type: 'connack', returnCode });
  }

  // MQTT-SN 1.2 §6.14, after a restart of the hub

  /**
   * A sleeping client of which only its record is there asks for its messages.
   * @returns false when nothing is known of it, or the hub does not let it in
   */
  async wake(address: SnAddress, clientId: string): Promise<boolean> {
    const legacy = await this.#shared.records.load(clientId);
    if (legacy?.asleep !== true || legacy.place !== address.place) return false;
    if (!this.#hasRoom(address, clientId)) return false;
    const { cleanSession, will, sleepDuration } = legacy;
    const client = this.#newClient(address, { clientId, cleanSession, keepalive: 0, will, legacy });
    const result = await this.#connect(client, false);
    if (!result.ok || !this.#settle(client, result.session)) return false;
    client.beginAsleep(result.session, sleepDuration);
    if (result.present) client.ping();
    else client.leave();
    return result.present;
  }

  // Both

  #newClient(address: SnAddress, init: ClientInit): SnClient {
    return new SnClient(init, address, this.#shared, this.#onEnd);
  }

  #connect(client: SnClient, cleanStart: boolean): MaybePromise<ConnectResult> {
    client.address.entering = client.clientId;
    const result = this.#shared.context.connect(this.#request(client, cleanStart));
    const done = (settled: ConnectResult): ConnectResult => {
      client.address.entering = undefined;
      return settled;
    };
    return isPromise(result) ? result.then(done) : done(result);
  }

  /** Whether the client that the hub has let in is still there; another one at its address is not. */
  #settle(client: SnClient, session: AttachedSession): boolean {
    const { address } = client;
    if (client.ended || !address.open) {
      session.close('closed');
      return false;
    }
    address.client?.close('replaced');
    this.#clients.add(client);
    return true;
  }

  #request(client: SnClient, cleanStart: boolean): ConnectRequest {
    const { config, session } = this.#shared;
    const { clientId, keepalive, will, address } = client;
    const { username, password, protocol, protocolVersion, mountpoint } = loginOf(config);
    return {
      clientId,
      username,
      password,
      protocol,
      protocolVersion,
      mountpoint,
      connection: address.info,
      keepalive,
      cleanStart,
      sessionExpiry: client.sessionExpiry,
      will,
      withdrawsWill: true,
      options: session,
      mergeOverlapping: true,
      retransmits: true,
      handler: client,
    };
  }
}

function isAcceptable({ protocolId, clientId, cleanSession }: ConnectMessage): boolean {
  if (protocolId !== PROTOCOL_ID) return false;
  if (clientId === '') return cleanSession;
  return Buffer.byteLength(clientId) <= MAX_CLIENT_ID_LENGTH && !clientId.includes('\0');
}

/** Undefined when its QoS is none that a will can have. */
export function willOf({ willTopic, qos, retain }: WillTopicMessage, payload: Buffer): Will | undefined {
  if (qos === -1) return undefined;
  return { topic: willTopic, payload, qos, retain, properties: undefined, delay: 0 };
}
