import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connectPacket, subscribePacket } from './mqtt-packets.js';
import { PublishCounter } from './publish-counter.js';

/** All connections read into the same memory: what has been read is counted at once. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/** A bare MQTT connection that counts what comes. */
export class MqttConnection {
  /** Called for each packet that is not a PUBLISH. */
  onAnswer: () => void = () => {};
  readonly #socket: Socket;
  readonly #counter = new PublishCounter();
  readonly #onReceived: (messages: number) => void;

  private constructor(port: number, onReceived: (messages: number) => void) {
    this.#onReceived = onReceived;
    const callback = (length: number) => this.#read(length);
    const onread = { buffer: readBuffer, callback };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('close', () => {
      throw new Error('the broker closed a connection');
    });
  }

  /**
   * Connects and waits for CONNACK.
   * @param onReceived is told how many messages came with each chunk
   */
  static async open(
    port: number,
    clientId: string,
    onReceived: (messages: number) => void,
  ): Promise<MqttConnection> {
    const connection = new MqttConnection(port, onReceived);
    await once(connection.#socket, 'connect');
    await connection.#ask(connectPacket(clientId));
    return connection;
  }

  /** Subscribes with QoS 0 and waits for SUBACK. */
  subscribe(filter: string): Promise<void> {
    return this.#ask(subscribePacket(filter));
  }

  /** @param written is called once the operating system has taken all bytes */
  write(bytes: Buffer, written?: () => void): void {
    this.#socket.write(bytes, written);
  }

  #ask(packet: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.onAnswer = resolve;
      this.#socket.write(packet);
    });
  }

  #read(length: number): boolean {
    const { publishes, others } = this.#counter;
    this.#counter.push(readBuffer, length);
    this.#onReceived(this.#counter.publishes - publishes);
    for (let answer = others; answer < this.#counter.others; answer++) this.onAnswer();
    return true;
  }
}
