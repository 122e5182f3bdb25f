import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { PeerAddress } from '../../engine/client-info.js';
import { Timer, type Timers } from '../../runtime/timers.js';
import type { AnswerMulticast } from '../connection.js';
import type { MulticastGroup } from './multicast-group.js';

/** Answers that may wait for their time at once; further datagrams are thrown away. */
const MAX_WAITING = 1000;

/** What a multicast listener needs of the listener that it belongs to. */
export interface MulticastSite {
  readonly timers: Timers;
  /** Sends from the listener's own address. */
  answer(datagram: Buffer, to: PeerAddress): void;
  /** Whether a peer may have an answer. */
  admits(peer: PeerAddress): boolean;
  /** A datagram is thrown away because too many answers wait. */
  overrun(): void;
}

/**
 * Hears what is sent to multicast groups, on a socket for each, and sends the answers when their time has come. Who
 * asks is no connection: nothing is kept of it.
 */
export class MulticastListener {
  readonly #site: MulticastSite;
  readonly #answer: AnswerMulticast;
  readonly #sockets: Socket[] = [];
  readonly #waiting = new Set<Timer>();

  constructor(site: MulticastSite, answer: AnswerMulticast) {
    this.#site = site;
    this.#answer = answer;
  }

  /** Joins a group. @throws what the operating system says when it cannot */
  async join({ address, networkInterface }: MulticastGroup, port: number): Promise<void> {
    const v6 = isIPv6(address);
    const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', reuseAddr: true });
    this.#sockets.push(socket);
    const zone = v6 && networkInterface !== undefined ? `%${networkInterface}` : '';
    const listening = once(socket, 'listening');
    socket.bind({ address: address + zone, port });
    await listening;
    socket.addMembership(address, v6 && networkInterface !== undefined ? `::${zone}` : networkInterface);
    socket.on('error', () => {});
    socket.on('message', (datagram, from) =>
      this.#onDatagram(datagram, { host: from.address, port: from.port }),
    );
  }

  close(): void {
    for (const timer of this.#waiting) this.#site.timers.cancel(timer);
    this.#waiting.clear();
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  #onDatagram(datagram: Buffer, from: PeerAddress): void {
    if (from.port === 0 || !this.#site.admits(from)) return;
    if (this.#waiting.size >= MAX_WAITING) {
      this.#site.overrun();
      return;
    }
    const answer = this.#answer(datagram);
    if (answer === undefined) return;
    const timer = new Timer(() => {
      this.#waiting.delete(timer);
      this.#site.answer(answer.datagram, from);
    });
    this.#waiting.add(timer);
    this.#site.timers.arm(timer, answer.delay);
  }
}
