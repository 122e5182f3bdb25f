import { type BindOptions, createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { RunningLoad } from './window.js';

/** A peer that has had no answer for so long counts the request as lost and sends the next. */
const PATIENCE_MS = 1000;

/** What a peer speaks by: a UDP socket, or a DTLS session on one. */
export interface Wire {
  send(datagram: Buffer): void;
  on(event: 'message', listener: (datagram: Buffer) => void): unknown;
}

/** What a peer sends, one after the other, each time with another message id. */
export interface Exchange {
  /** What is sent next, or again. */
  next(): Buffer;
  /** Where the message id stands in the request. */
  readonly messageIdAt: number;
  /** @returns the message id that an answer is for @throws Error when it is none, or a refusal */
  messageIdOf(answer: Buffer): number;
}

/**
 * A UDP socket that sends to one port of this machine, and nowhere else.
 * @param from where it sends from, if that is not for the operating system to choose
 */
export async function openSocket(port: number, from?: BindOptions): Promise<Socket> {
  const socket = createSocket('udp4');
  if (from !== undefined) {
    socket.bind(from);
    await once(socket, 'listening');
  }
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** A peer that sends a request, waits for its answer, and sends the next. */
export class UdpPeer {
  sent = 0;
  answered = 0;
  readonly #wire: Wire;
  readonly #exchange: Exchange;
  #messageId = 0;
  #sentAt = 0;
  #stopped = false;

  constructor(wire: Wire, exchange: Exchange) {
    this.#wire = wire;
    this.#exchange = exchange;
    wire.on('message', (answer) => this.#onAnswer(answer));
  }

  send(): void {
    const request = this.#exchange.next();
    this.sent++;
    this.#sentAt = performance.now();
    this.#messageId = this.#messageId === 0xffff ? 1 : this.#messageId + 1;
    request.writeUInt16BE(this.#messageId, this.#exchange.messageIdAt);
    this.#wire.send(request);
  }

  sendIfForgotten(): void {
    if (performance.now() - this.#sentAt > PATIENCE_MS) this.send();
  }

  stop(): void {
    this.#stopped = true;
  }

  #onAnswer(answer: Buffer): void {
    if (this.#exchange.messageIdOf(answer) !== this.#messageId) return;
    this.answered++;
    if (!this.#stopped) this.send();
  }
}

/** Has all peers begin, and look now and then whether an answer was lost. */
export function runPeers(peers: readonly UdpPeer[]): RunningLoad {
  for (const peer of peers) peer.send();
  const watch = setInterval(() => {
    for (const peer of peers) peer.sendIfForgotten();
  }, PATIENCE_MS);
  const sum = (count: (peer: UdpPeer) => number) => peers.reduce((total, peer) => total + count(peer), 0);
  return {
    get expected() {
      return sum((peer) => peer.sent);
    },
    get received() {
      return sum((peer) => peer.answered);
    },
    latencies: undefined,
    stop() {
      clearInterval(watch);
      for (const peer of peers) peer.stop();
    },
  };
}
