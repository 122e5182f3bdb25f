import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const TOPIC = 'paced';

/** Bytes of CONNACK without properties, and of PUBACK (MQTT 3.1.1 §3.2, §3.4). */
const ANSWER_LENGTH = 4;
const SUBACK_LENGTH = 5;

/** `30 15`, the topic, the publisher's number and the message's, as the subscriber gets it with QoS 0. */
const DELIVERY_LENGTH = 2 + 2 + TOPIC.length + 8;

/**
 * Many MQTT 3.1.1 clients, each of which publishes its next message when the one before is acknowledged, and one that is
 * subscribed to all and sees whether a message is missing. Raw bytes, so that a thousand of them are cheap.
 */
export class PacedPublishers {
  readonly #publishers: PacedPublisher[];
  readonly #watcher: Watcher;

  private constructor(publishers: PacedPublisher[], watcher: Watcher) {
    this.#publishers = publishers;
    this.#watcher = watcher;
  }

  /** Connects them and has them begin. @param port of an MQTT listener that lets anybody in */
  static async start(port: number, count: number): Promise<PacedPublishers> {
    const watcher = await Watcher.connect(port, count);
    const numbers = Array.from({ length: count }, (_, number) => number);
    const publishers = await Promise.all(numbers.map((number) => PacedPublisher.connect(port, number)));
    for (const publisher of publishers) publisher.begin();
    return new PacedPublishers(publishers, watcher);
  }

  /** Connections that have ended. */
  get ended(): number {
    return [...this.#publishers, this.#watcher].filter(({ ended }) => ended).length;
  }

  /** Messages of each that were acknowledged so far. */
  get acknowledged(): readonly number[] {
    return this.#publishers.map((publisher) => publisher.acknowledged);
  }

  /** Messages of each that came to the subscriber so far. */
  get delivered(): readonly number[] {
    return this.#watcher.delivered;
  }

  /** The first message that came out of order; undefined when those of each publisher came in order, each once. */
  get disorder(): string | undefined {
    return this.#watcher.disorder;
  }

  /** They publish nothing new; resolves when all is acknowledged. */
  async finish(): Promise<void> {
    await Promise.all(this.#publishers.map((publisher) => publisher.finish()));
  }

  destroy(): void {
    for (const client of [...this.#publishers, this.#watcher]) client.destroy();
  }
}

/** A client that has been let in. */
class Client {
  ended = false;
  protected readonly socket: Socket;
  protected unread: Buffer = Buffer.alloc(0);

  protected constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.ended = true;
    });
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Sends what is to be answered. @param length of the answer */
  protected async ask(bytes: Buffer, length: number): Promise<Buffer> {
    this.socket.write(bytes);
    const [answer] = (await once(this.socket, 'data')) as [Buffer];
    if (answer.length !== length) throw new Error(`answered ${answer.toString('hex')}`);
    return answer;
  }

  /** Waits until the hub has let it in. */
  protected async enter(clientId: string): Promise<void> {
    const answer = await this.ask(packet(0x10, [text('MQTT'), [4, 2, 0, 0], text(clientId)]), ANSWER_LENGTH);
    if (answer[3] !== 0) throw new Error(`refused with ${answer[3]}`);
  }
}

class PacedPublisher extends Client {
  acknowledged = 0;
  readonly #packet: Buffer;
  #active = true;
  #finished = () => {};

  private constructor(socket: Socket, number: number) {
    super(socket);
    this.#packet = packet(0x32, [text(TOPIC), [0, 1], uint32(number), uint32(0)]);
  }

  static async connect(port: number, number: number): Promise<PacedPublisher> {
    const publisher = new PacedPublisher(connect({ port, host: '127.0.0.1', noDelay: true }), number);
    await publisher.enter(`paced-${number}`);
    return publisher;
  }

  begin(): void {
    this.socket.on('data', (bytes) => this.#onData(bytes));
    this.#publish();
  }

  finish(): Promise<void> {
    this.#active = false;
    return new Promise((resolve) => {
      this.#finished = resolve;
    });
  }

  #publish(): void {
    this.#packet.writeUInt32BE(this.acknowledged, this.#packet.length - 4);
    this.socket.write(Buffer.from(this.#packet));
  }

  /** There is never more than one message to be acknowledged. */
  #onData(bytes: Buffer): void {
    this.unread = Buffer.concat([this.unread, bytes]);
    if (this.unread.length < ANSWER_LENGTH) return;
    if (this.unread.toString('hex') !== '40020001') throw new Error(`got ${this.unread.toString('hex')}`);
    this.unread = Buffer.alloc(0);
    this.acknowledged++;
    if (this.#active) this.#publish();
    else this.#finished();
  }
}

class Watcher extends Client {
  readonly delivered: number[];
  disorder: string | undefined;

  private constructor(socket: Socket, publishers: number) {
    super(socket);
    this.delivered = new Array<number>(publishers).fill(0);
  }

  static async connect(port: number, publishers: number): Promise<Watcher> {
    const watcher = new Watcher(connect({ port, host: '127.0.0.1', noDelay: true }), publishers);
    await watcher.enter('paced-watcher');
    await watcher.ask(packet(0x82, [[0, 1], text(TOPIC), [0]]), SUBACK_LENGTH);
    watcher.socket.on('data', (bytes) => watcher.#onData(bytes));
    return watcher;
  }

  #onData(bytes: Buffer): void {
    this.unread = this.unread.length === 0 ? bytes : Buffer.concat([this.unread, bytes]);
    let at = 0;
    for (; this.unread.length - at >= DELIVERY_LENGTH; at += DELIVERY_LENGTH)
      this.#onDelivery(at + DELIVERY_LENGTH);
    this.unread = this.unread.subarray(at);
  }

  /** @param end where the message ends */
  #onDelivery(end: number): void {
    const publisher = this.unread.readUInt32BE(end - 8);
    const number = this.unread.readUInt32BE(end - 4);
    const expected = this.delivered[publisher];
    if (number !== expected) this.disorder ??= `${number} of ${publisher} in place of ${expected}`;
    this.delivered[publisher] = number + 1;
  }
}

type Bytes = Buffer | readonly number[];

/** A packet of less than 128 bytes. */
function packet(head: number, parts: readonly Bytes[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([head, body.length]), body]);
}

function text(characters: string): Buffer {
  return Buffer.concat([Buffer.from([0, characters.length]), Buffer.from(characters)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
