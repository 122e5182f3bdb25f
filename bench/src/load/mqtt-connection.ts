import { once } from 'node:events';
import { type Socket, connect as tcpConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { QoS } from '@portico/codec-mqtt';
import { connectPacket, DISCONNECT, subscribePacket } from './mqtt-packets.js';
import { PublishCounter } from './publish-counter.js';

/** All connections read into the same memory: what has been read is used at once. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/** Where a peer listens, on 127.0.0.1. */
export interface Target {
  readonly port: number;
  readonly tls: boolean;
}

/** A bare MQTT connection; subclasses say what is done with what comes. */
export abstract class MqttConnection {
  /** Called for each packet that is not a PUBLISH. */
  onAnswer: () => void = () => {};
  #socket: Socket | undefined;

  protected abstract receive(bytes: Buffer): void;

  /** Connects and waits for CONNACK. */
  async connect(target: Target, clientId: string): Promise<void> {
    const socket = await openSocket(target, (bytes) => this.receive(bytes));
    socket.on('close', () => {
      throw new Error('the broker closed a connection');
    });
    this.#socket = socket;
    await this.#ask(connectPacket(clientId));
  }

  /** Subscribes and waits for SUBACK. */
  subscribe(filters: readonly string[], qos: QoS): Promise<void> {
    return this.#ask(subscribePacket(filters, qos));
  }

  /** @param written is called once the operating system has taken all bytes */
  write(bytes: Buffer, written?: () => void): void {
    this.#socket?.write(bytes, written);
  }

  /** Says goodbye: from now on the broker may close the connection. */
  leave(): void {
    this.#socket?.removeAllListeners('close');
    this.#socket?.end(DISCONNECT);
  }

  #ask(packet: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.onAnswer = resolve;
      this.write(packet);
    });
  }
}

async function openSocket({ port, tls }: Target, receive: (bytes: Buffer) => void): Promise<Socket> {
  const address = { port, host: '127.0.0.1' };
  if (tls) {
    const socket = tlsConnect({ ...address, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    socket.setNoDelay(true);
    socket.on('data', receive);
    await once(socket, 'secureConnect');
    return socket;
  }
  const callback = (length: number) => {
    receive(readBuffer.subarray(0, length));
    return true;
  };
  const socket = tcpConnect({ ...address, noDelay: true, onread: { buffer: readBuffer, callback } });
  await once(socket, 'connect');
  return socket;
}

/** Counts what comes without looking into it. */
export class CountingConnection extends MqttConnection {
  readonly #counter = new PublishCounter();
  readonly #onReceived: (messages: number) => void;

  /** @param onReceived is told how many messages came with each chunk */
  constructor(onReceived: (messages: number) => void) {
    super();
    this.#onReceived = onReceived;
  }

  protected receive(bytes: Buffer): void {
    const { publishes, others } = this.#counter;
    this.#counter.push(bytes, bytes.length);
    this.#onReceived(this.#counter.publishes - publishes);
    for (let answer = others; answer < this.#counter.others; answer++) this.onAnswer();
  }
}
