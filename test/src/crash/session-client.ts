import { connect, type Socket } from 'node:net';
import {
  encode,
  MqttDecoder,
  type Packet,
  type PublishPacket,
  type QoS,
  type ReceivedPacket,
} from '@portico/codec-mqtt';
import { BufferSink } from '@portico/frame';
import type { Journal } from './journal.js';

/** Seconds that a session outlives its connection, where the client says so (MQTT 5 §3.1.2.11.2). */
const SESSION_EXPIRY = 7200;
/** Unacknowledged messages that an MQTT 5 client allows the hub, see MQTT 5 §3.1.2.11.3. */
const RECEIVE_MAXIMUM = 10;
const LARGEST_PACKET = 1024 * 1024;
/** Milliseconds after which a client whose connection was lost connects again. */
const RECONNECT_AFTER = 20;

export interface SessionClientOptions {
  /** MQTT 3.1.1 unless given. */
  readonly version?: 4 | 5;
  /** Whether each connection begins without a past. */
  readonly cleanSession?: boolean;
}

/** A request that was sent and the call that waits for its answer. */
type Answered = (reasonCodes: readonly number[]) => void;

/**
 * A client with a session: stays connected while it is told to, and goes through the exchanges of QoS 1 and 2 in
 * both directions at once. Subclasses say what they send and remember.
 */
export abstract class SessionClient {
  readonly name: string;
  /** Number of the present connection, from 1. */
  connection = 0;
  /** Between CONNACK and the end of the connection. */
  protected online = false;
  protected readonly journal: Journal;
  readonly #version: 4 | 5;
  readonly #cleanSession: boolean;
  readonly #outgoing = new BufferSink();
  #socket: Socket | undefined;
  #decoder: MqttDecoder;
  /** Where the hub is; undefined while the client is to stay away. */
  #port: number | undefined;
  #welcome: (() => void)[] = [];
  #request: Answered = () => {};

  /** @param name the client identifier as well */
  constructor(
    name: string,
    journal: Journal,
    { version = 4, cleanSession = false }: SessionClientOptions = {},
  ) {
    this.name = name;
    this.journal = journal;
    this.#version = version;
    this.#cleanSession = cleanSession;
    this.#decoder = newDecoder(version);
  }

  /** Connects, and connects again whenever the connection is lost. Resolves when CONNACK has come. */
  stay(port: number): Promise<void> {
    this.#port = port;
    if (this.online) return Promise.resolve();
    if (this.#socket === undefined) this.#connect(port);
    return new Promise((resolve) => {
      this.#welcome.push(resolve);
    });
  }

  /** Drops the connection and stays away. */
  leave(): Promise<void> {
    const gone = this.seeOff();
    this.drop();
    return gone;
  }

  /** Stays away once the hub has ended the connection; what it sent before is still taken in. */
  seeOff(): Promise<void> {
    this.#port = undefined;
    this.#welcome = [];
    return new Promise((resolve) => {
      if (this.#socket === undefined) resolve();
      else this.#socket.once('close', () => resolve());
    });
  }

  /** @returns the reason codes of SUBACK, MQTT 3.1.1 §3.9.3 */
  subscribe(filter: string, qos: QoS): Promise<readonly number[]> {
    const subscription = {
      filter,
      qos,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
    } as const;
    return this.#ask({ type: 'subscribe', packetId: 1, subscriptions: [subscription] });
  }

  /** Resolves with UNSUBACK, which cannot say no in MQTT 3.1.1. */
  async unsubscribe(filter: string): Promise<boolean> {
    await this.#ask({ type: 'unsubscribe', packetId: 1, filters: [filter] });
    return true;
  }

  /** Resolves when the hub has handled all that was sent before. */
  async ping(): Promise<void> {
    await this.#ask({ type: 'pingreq' });
  }

  /** Called with each connection, once CONNACK has come. */
  protected onConnected(): void {}

  /** Called with each PUBLISH, before its acknowledgement is sent. */
  protected onMessage(_message: PublishPacket): void {}

  /** The other side of the exchange of QoS 2 has let go of a message that came from there. */
  protected onRelease(_packetId: number): void {}

  /** A message of this client has reached the hub: PUBACK, or PUBREC at QoS 2. */
  protected onReceived(_packetId: number): void {}

  /** A packet identifier of this client is free: PUBACK, or PUBCOMP at QoS 2. */
  protected onComplete(_packetId: number): void {}

  /** Sends a packet with the answers to what has just come, or at the next {@link flush}. */
  protected gather(packet: Packet): void {
    encode(packet, this.#version, this.#outgoing);
  }

  protected flush(): void {
    if (this.#outgoing.length > 0) this.#socket?.write(this.#outgoing.take());
  }

  /** Cuts the connection; answers that were not flushed are never sent. */
  protected drop(): void {
    this.#socket?.destroy();
  }

  #connect(port: number): void {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    this.#decoder = newDecoder(this.#version);
    this.#outgoing.take();
    this.gather({
      type: 'connect',
      protocolVersion: this.#version,
      cleanStart: this.#cleanSession,
      keepAlive: 0,
      clientId: this.name,
      properties: { sessionExpiryInterval: SESSION_EXPIRY, receiveMaximum: RECEIVE_MAXIMUM },
    });
    this.flush();
    socket.on('data', (chunk) => this.#read(socket, chunk));
    // 'close' follows, which is all that matters here.
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
  }

  #closed(): void {
    this.#socket = undefined;
    this.online = false;
    setTimeout(() => {
      if (this.#port !== undefined && this.#socket === undefined) this.#connect(this.#port);
    }, RECONNECT_AFTER);
  }

  #read(socket: Socket, chunk: Buffer): void {
    this.#decoder.push(chunk);
    while (!socket.destroyed) {
      const packet = this.#decoder.next();
      if (packet === undefined) break;
      this.journal.packetCame();
      this.#handle(packet);
    }
    this.flush();
  }

  #handle(packet: ReceivedPacket): void {
    switch (packet.type) {
      case 'connack':
        if (packet.reasonCode === 0) this.#welcomed(packet.sessionPresent);
        break;
      case 'publish':
        this.onMessage(packet);
        if (packet.qos > 0) this.#answer(packet.qos === 1 ? 'puback' : 'pubrec', packet.packetId);
        break;
      case 'pubrel':
        this.onRelease(packet.packetId);
        this.#answer('pubcomp', packet.packetId);
        break;
      case 'pubrec':
        this.onReceived(packet.packetId);
        this.#answer('pubrel', packet.packetId);
        break;
      case 'puback':
        this.onReceived(packet.packetId);
        this.onComplete(packet.packetId);
        break;
      case 'pubcomp':
        this.onComplete(packet.packetId);
        break;
      case 'suback':
      case 'unsuback':
        this.#request(packet.reasonCodes);
        break;
      case 'pingresp':
        this.#request([]);
        break;
    }
  }

  #welcomed(sessionPresent: boolean): void {
    if (sessionPresent !== (this.connection > 0 && !this.#cleanSession)) {
      const text = `${this.name}, connection ${this.connection + 1}: session present is ${sessionPresent}`;
      this.journal.find('session', text);
    }
    this.connection++;
    this.online = true;
    this.onConnected();
    for (const resolve of this.#welcome.splice(0)) resolve();
  }

  #answer(type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', packetId: number): void {
    this.gather({ type, packetId, reasonCode: 0 });
  }

  /** One at a time. Never resolves if the connection is lost. */
  #ask(packet: Packet): Promise<readonly number[]> {
    return new Promise((resolve) => {
      this.#request = resolve;
      this.gather(packet);
      this.flush();
    });
  }
}

function newDecoder(version: 4 | 5): MqttDecoder {
  return new MqttDecoder({ maxPacketSize: LARGEST_PACKET, version });
}
