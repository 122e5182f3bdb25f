import { connect, type Socket } from 'node:net';
import {
  encodeToBuffer,
  MqttDecoder,
  MqttFault,
  type Packet,
  type Publish,
  type ReceivedPacket,
  reasonCodeName,
} from '@portico/codec-mqtt';
import { fileReason, PorticoError } from '@portico/core/base';

/** Which messages to watch, where, and as whom. */
export interface WatchOptions {
  readonly host: string;
  readonly port: number;
  readonly filter: string;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

export interface WatchHandler {
  /** The hub has taken the filter. */
  subscribed(): void;
  /** @param message is good until the call returns */
  message(message: Publish): void;
}

const VERSION = 5;
/** Seconds without a sign of life of this client, for the hub to give it up. */
const KEEP_ALIVE = 60;
/** Milliseconds without one of the hub, for this client to give it up. */
const PATIENCE = 2000 * KEEP_ALIVE;
/** Reason codes from here on are failures, MQTT 5 §2.4. */
const FAILURE = 0x80;
const PACKET_ID = 1;
/** Bytes; no packet is larger, MQTT 5 §2.1.4. */
const MAX_PACKET_SIZE = 268_435_460;

/** The messages of a filter as the hub delivers them with QoS 0, watched by a client of MQTT 5 of its own. */
export class MqttWatcher {
  readonly #options: WatchOptions;
  readonly #handler: WatchHandler;
  readonly #decoder = new MqttDecoder({ maxPacketSize: MAX_PACKET_SIZE, version: VERSION });
  readonly #socket: Socket;
  /** Resolves when it was stopped; rejects with PorticoError when the hub refuses or is gone. */
  readonly ended: Promise<void>;
  #failure: string | undefined;
  #stopped = false;

  constructor(options: WatchOptions, handler: WatchHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#socket = connect({ host: options.host, port: options.port, timeout: PATIENCE });
    this.ended = this.#run();
  }

  /** Says goodbye; what comes after that is not told any more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#send({ type: 'disconnect', reasonCode: 0 });
    this.#socket.end();
  }

  #run(): Promise<void> {
    const socket = this.#socket;
    const beat = setInterval(() => this.#send({ type: 'pingreq' }), (1000 * KEEP_ALIVE) / 2);
    socket.on('connect', () => this.#connect());
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('timeout', () => this.#fail('the hub does not answer'));
    socket.on('error', (error) => this.#fail(fileReason(error)));
    return new Promise((resolve, reject) => {
      socket.on('close', () => {
        clearInterval(beat);
        if (this.#stopped) resolve();
        else reject(this.#error(this.#failure ?? 'the hub has closed the connection'));
      });
    });
  }

  #error(why: string): PorticoError {
    const { host, port } = this.#options;
    return new PorticoError('PORTICO_ERR_SUBSCRIBE', `MQTT at ${host}:${port}: ${why}`);
  }

  #connect(): void {
    const { clientId, username, password } = this.#options;
    this.#send({
      ...{
        type: 'connect',
        protocolVersion: VERSION,
        cleanStart: true,
        keepAlive: KEEP_ALIVE,
        clientId,
        username,
      },
      password: password === undefined ? undefined : Buffer.from(password),
    });
  }

  #received(bytes: Buffer): void {
    this.#decoder.push(bytes);
    try {
      for (let packet = this.#decoder.next(); packet !== undefined; packet = this.#decoder.next()) {
        if (!this.#stopped) this.#handle(packet);
      }
    } catch (error) {
      if (!(error instanceof MqttFault)) throw error;
      this.#fail(error.message);
    }
  }

  #handle(packet: ReceivedPacket): void {
    switch (packet.type) {
      case 'connack':
        if (packet.reasonCode === 0) this.#subscribe();
        else this.#refused('connack', packet.reasonCode);
        break;
      case 'suback':
        for (const code of packet.reasonCodes) {
          if (code >= FAILURE) this.#refused('suback', code);
          else this.#handler.subscribed();
        }
        break;
      case 'publish':
        this.#handler.message(packet);
        break;
      case 'disconnect':
        this.#refused('disconnect', packet.reasonCode);
        break;
    }
  }

  #subscribe(): void {
    const { filter } = this.#options;
    const subscription = {
      filter,
      qos: 0,
      noLocal: false,
      retainAsPublished: true,
      retainHandling: 0,
    } as const;
    this.#send({ type: 'subscribe', packetId: PACKET_ID, subscriptions: [subscription] });
  }

  #refused(type: 'connack' | 'suback' | 'disconnect', code: number): void {
    this.#fail(`${type.toUpperCase()} with ${reasonCodeName(type, code) ?? `reason code ${code}`}`);
  }

  #fail(why: string): void {
    this.#failure ??= why;
    this.#socket.destroy();
  }

  #send(packet: Packet): void {
    if (this.#socket.writable) this.#socket.write(encodeToBuffer(packet, VERSION));
  }
}
