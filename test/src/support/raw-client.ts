import { connect, type Socket } from 'node:net';
import { PATIENCE } from './patience.js';

/**
 * A TCP client that sends any bytes and waits for bytes, for tests of what a server does on the wire.
 * Everything awaits the socket's own events, one wait at a time; what does not come in time fails with all
 * that came instead.
 *
 * ```ts
 * const client = await RawClient.connect(port);
 * client.send('11 0007 3c 0004 61626364');
 * assert.equal((await client.readBytes(3)).toString('hex'), '200014');
 * client.send('ff');
 * await client.expectClose();
 * ```
 */
export class RawClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #closed = false;
  #error: Error | undefined;
  /** Looks again whether what is waited for has come. */
  #wake = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay();
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Connects, on the loopback interface unless told otherwise. */
  static connect(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect(port, host);
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket));
      });
    });
  }

  /** Bytes that came and were not read yet. */
  get received(): Buffer {
    return this.#received;
  }

  /** @param bytes a buffer, or hex digits with any white space between them */
  send(bytes: Buffer | string): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes.replace(/\s/g, ''), 'hex') : bytes);
  }

  /** Waits until `count` bytes are there to read; fails when the server closes first. */
  async has(count: number, deadline = PATIENCE): Promise<void> {
    await this.#until(() => this.#received.length >= count || this.#closed, `${count} bytes`, deadline);
    if (this.#received.length < count) throw this.#failure(`the server closed before ${count} bytes came`);
  }

  /** The next `count` bytes; fails when the server closes first. */
  async readBytes(count: number, deadline = PATIENCE): Promise<Buffer> {
    await this.has(count, deadline);
    const bytes = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return bytes;
  }

  /**
   * Waits until the server has closed the connection, by FIN or by RST.
   * @returns the bytes that came before and were not read
   */
  async expectClose(deadline = PATIENCE): Promise<Buffer> {
    await this.#until(() => this.#closed, 'the end of the connection', deadline);
    return this.#received;
  }

  /** Ends the client's half of the connection; the server's bytes are still received. */
  end(): void {
    this.#socket.end();
  }

  /** Drops the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #until(come: () => boolean, what: string, deadline: number): Promise<void> {
    if (come()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => finish(this.#failure(`${what}: not within ${deadline} ms`)), deadline);
      const finish = (failure?: Error) => {
        clearTimeout(timeout);
        this.#wake = () => {};
        if (failure === undefined) resolve();
        else reject(failure);
      };
      this.#wake = () => come() && finish();
    });
  }

  #failure(message: string): Error {
    const hex = this.#received.toString('hex', 0, 200);
    const state = this.#closed ? 'closed' : 'open';
    return new Error(`${message}; connection ${state}, received [${hex}]`, { cause: this.#error });
  }
}
