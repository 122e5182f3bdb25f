import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { StompLoad } from './job.js';
import { openAll } from './open-all.js';
import { FloodPublishers } from './publishers.js';
import type { RunningLoad } from './window.js';

const NUL = 0;

/** Answered by a RECEIPT, and nothing else comes of it. */
const QUESTION = frames('BEGIN\ntransaction:t\n\n', 'ABORT\ntransaction:t\nreceipt:t\n\n');

function frames(...texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\0`).join(''));
}

/** A bare STOMP connection, which counts the frames that come. No body that it is sent has a NUL. */
class StompConnection {
  onAnswer: () => void = () => {};
  received = 0;
  readonly #socket: Socket;

  private constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (bytes) => {
      for (let at = bytes.indexOf(NUL); at >= 0; at = bytes.indexOf(NUL, at + 1)) {
        this.received++;
        this.onAnswer();
      }
    });
    this.#socket.on('close', () => {
      throw new Error('the broker closed a connection');
    });
  }

  /** Connects, sends these frames too, and waits for so many answers. */
  static async open(port: number, first: Buffer, answers: number): Promise<StompConnection> {
    const connection = new StompConnection(port);
    const login = frames('CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\n\n');
    connection.#socket.write(Buffer.concat([login, first]));
    while (connection.received < answers) await once(connection.#socket, 'data');
    connection.received = 0;
    return connection;
  }

  write(bytes: Buffer, written?: () => void): void {
    this.#socket.write(bytes, written);
  }
}

/** Connects all clients, subscribes, then starts publishing. */
export async function startStompLoad({ pairs, payloadBytes }: StompLoad, port: number): Promise<RunningLoad> {
  const destinations = Array.from({ length: pairs }, (_, index) => `/topic/bench-${index}`);
  const subscribers = await openAll(destinations, (destination) =>
    StompConnection.open(port, frames(`SUBSCRIBE\nid:0\ndestination:${destination}\nreceipt:s\n\n`), 2),
  );
  const publishers = await openAll(destinations, async (destination) => ({
    connection: await StompConnection.open(port, QUESTION, 2),
    messages: [frames(`SEND\ndestination:${destination}\n\n${'x'.repeat(payloadBytes)}`)],
  }));
  const flood = new FloodPublishers(publishers, QUESTION);
  return {
    get expected() {
      return flood.sent;
    },
    get received() {
      return subscribers.reduce((sum, { received }) => sum + received, 0);
    },
    latencies: undefined,
    stop: () => flood.stop(),
  };
}
