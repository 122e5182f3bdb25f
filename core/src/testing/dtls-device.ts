import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import {
  DtlsClient,
  type DtlsClientOptions,
  type DtlsRefusal,
  type DtlsSession,
  type DtlsSessionHandler,
} from '@portico/dtls';
import { systemClock } from '../runtime/clock.js';
import { Timers } from '../runtime/timers.js';

/** What a test says of a device; the rest has the defaults of {@link DtlsDevice}. */
export type DtlsDeviceOptions = Omit<DtlsClientOptions, 'handshakeTime'>;

/** A DTLS client on a UDP socket, which it can change for another. */
export class DtlsDevice implements DtlsSessionHandler {
  readonly #port: number;
  readonly #client: DtlsClient;
  readonly #timers = new Timers(systemClock, (error) => {
    throw error;
  });
  readonly #events = new EventEmitter();
  /** Datagrams that came and were not taken. */
  readonly #arrived: Buffer[] = [];
  #socket: Socket | undefined;
  #session: DtlsSession | undefined;
  #refusal: DtlsRefusal | undefined;
  #closed: string | undefined;

  private constructor(port: number, options: DtlsDeviceOptions) {
    this.#port = port;
    this.#client = new DtlsClient(
      { ...options, handshakeTime: 10_000 },
      {
        now: () => systemClock.monotonic(),
        timers: this.#timers,
        send: (datagram) => this.#socket?.send(datagram),
        accept: (session) => this.#settle(() => (this.#session = session)),
        refused: (refusal) => this.#settle(() => (this.#refusal = refusal)),
      },
    );
  }

  /** Begins a handshake with the server at that port of 127.0.0.1. */
  static async begin(port: number, options: DtlsDeviceOptions): Promise<DtlsDevice> {
    const device = new DtlsDevice(port, options);
    await device.move();
    device.#client.connect();
    return device;
  }

  /** As {@link begin}, and waits until the handshake is over, one way or the other. */
  static async start(port: number, options: DtlsDeviceOptions): Promise<DtlsDevice> {
    const device = await DtlsDevice.begin(port, options);
    await device.settled();
    return device;
  }

  /** Waits until the handshake is over. */
  async settled(): Promise<void> {
    while (this.#session === undefined && this.#refusal === undefined) await once(this.#events, 'settled');
  }

  /** Why there is no session; undefined when there is one. */
  get refusal(): DtlsRefusal | undefined {
    return this.#refusal;
  }

  /** @throws Error when the handshake has failed */
  get session(): DtlsSession {
    if (this.#session !== undefined) return this.#session;
    throw new Error(`the handshake failed: ${this.#refusal?.reason} ${this.#refusal?.detail}`);
  }

  /** Its port. */
  get port(): number | undefined {
    return this.#socket?.address().port;
  }

  /** Goes on from another port. @param address one of the loopback's */
  async move(address = '127.0.0.1'): Promise<void> {
    this.#socket?.close();
    const socket = createSocket('udp4');
    socket.on('message', (datagram) => this.#client.receive(datagram));
    // Nobody may be there any more.
    socket.on('error', () => {});
    socket.bind(0, address);
    await once(socket, 'listening');
    // What a connected socket sends leaves at once.
    socket.connect(this.#port, '127.0.0.1');
    await once(socket, 'connect');
    this.#socket = socket;
  }

  send(data: string | Buffer): void {
    this.session.send(Buffer.from(data));
  }

  /** The next datagram that came. */
  async receive(): Promise<Buffer> {
    let datagram = this.#arrived.shift();
    while (datagram === undefined) {
      await once(this.#events, 'data');
      datagram = this.#arrived.shift();
    }
    return datagram;
  }

  /** Why the session is over, once it is. */
  async closed(): Promise<string> {
    while (this.#closed === undefined) await once(this.#events, 'closed');
    return this.#closed;
  }

  /** Ends the session, with close_notify, and lets the socket go. */
  close(): void {
    this.#session?.close();
    this.vanish();
  }

  /** Lets the socket go without a word. */
  vanish(): void {
    this.#timers.stop();
    this.#socket?.close();
    this.#socket = undefined;
  }

  onData(bytes: Buffer): void {
    this.#arrived.push(Buffer.from(bytes));
    this.#events.emit('data');
  }

  onMoved(): void {}

  onClose(reason: string): void {
    this.#closed = reason;
    this.#events.emit('closed');
  }

  #settle(note: () => void): this {
    note();
    this.#events.emit('settled');
    return this;
  }
}
