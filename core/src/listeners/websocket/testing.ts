import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { openClient, type TestListener } from '../testing/listener-fixture.js';

/** Opcodes, RFC 6455 §5.2. */
export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

export interface FrameFlags {
  readonly fin?: boolean;
  readonly masked?: boolean;
  /** The three reserved bits: 4 for compressed. */
  readonly reserved?: number;
  /** What the frame says of its length, if not the truth. */
  readonly length?: bigint;
}

const MASK = Buffer.from('a1b2c3d4', 'hex');

/** One frame as a client writes it: RFC 6455 §5.2, with whatever should be wrong with it. */
export function frame(opcode: number, payload: Buffer | string = '', flags: FrameFlags = {}): Buffer {
  const { fin = true, masked = true, reserved = 0, length } = flags;
  const bytes = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const head = [Buffer.of(first), lengthField(bytes.length, length, masked)];
  if (!masked) return Buffer.concat([...head, bytes]);
  const hidden = bytes.map((byte, i) => byte ^ (MASK[i % 4] as number));
  return Buffer.concat([...head, MASK, hidden]);
}

function lengthField(actual: number, said: bigint | undefined, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (said === undefined && actual < 126) return Buffer.of(bit | actual);
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(bit | 127);
  bytes.writeBigUInt64BE(said ?? BigInt(actual), 1);
  return bytes;
}

/** A frame that the server has sent. */
export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A client that has made its handshake and writes what it wants behind it. */
export class RawWebSocket {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static async open(t: TestContext, it: TestListener, ...headers: readonly string[]): Promise<RawWebSocket> {
    const client = new RawWebSocket(await openClient(t, it.port));
    client.socket.write(
      [
        'GET /mqtt HTTP/1.1',
        'Host: x',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Protocol: mqtt',
        ...headers,
        '\r\n',
      ].join('\r\n'),
    );
    await client.#take(() => {
      const end = client.#received.indexOf('\r\n\r\n');
      return end < 0 ? undefined : end + 4;
    });
    return client;
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** The next frame; undefined when the server closes instead. Those of servers are short and not masked. */
  async next(): Promise<ServerFrame | undefined> {
    const bytes = await this.#take(() => {
      const [, length] = this.#received;
      return length === undefined || this.#received.length < 2 + length ? undefined : 2 + length;
    });
    return bytes && { opcode: bytes.readUInt8(0) & 0x0f, payload: bytes.subarray(2) };
  }

  /** The code with which the server closes. */
  async closeCode(): Promise<number | undefined> {
    for (let it = await this.next(); it !== undefined; it = await this.next()) {
      if (it.opcode === CLOSE) return it.payload.readUInt16BE(0);
    }
    return undefined;
  }

  /** Takes so many bytes off what was received, once it is known how many; undefined at the end. */
  async #take(length: () => number | undefined): Promise<Buffer | undefined> {
    let count = length();
    while (count === undefined) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      count = length();
    }
    const taken = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return taken;
  }
}
