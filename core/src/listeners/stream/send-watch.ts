import type { Socket } from 'node:net';
import { Timer, type Timers } from '../../runtime/timers.js';
import { bytesTaken } from './node-internals.js';

/** A connection as {@link SendWatch} sees it. */
export interface Sender {
  /** Whether anything is waiting for the peer: bytes that it must take, or its closing. */
  readonly awaitsPeer: boolean;
  onSendTimeout(): void;
}

/**
 * Notices when a peer takes nothing for a whole timeout while something waits for it. It looks once per
 * timeout, so it notices between one and two timeouts after the peer stopped.
 */
export class SendWatch extends Timer {
  readonly #timers: Timers;
  readonly #timeout: number;
  readonly #transport: Socket;
  readonly #sender: Sender;
  #taken = 0;

  /** @param timeout milliseconds */
  constructor(timers: Timers, timeout: number, transport: Socket, sender: Sender) {
    super();
    this.#timers = timers;
    this.#timeout = timeout;
    this.#transport = transport;
    this.#sender = sender;
  }

  /** Something waits now. */
  start(): void {
    if (!this.armed) this.#look();
  }

  stop(): void {
    this.#timers.cancel(this);
  }

  override fire(): void {
    if (!this.#sender.awaitsPeer) return;
    if (bytesTaken(this.#transport) > this.#taken) this.#look();
    else this.#sender.onSendTimeout();
  }

  #look(): void {
    this.#taken = bytesTaken(this.#transport);
    this.#timers.arm(this, this.#timeout);
  }
}
