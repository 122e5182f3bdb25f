import { type CoapMessage, encode } from '@portico/codec-coap';
import type { Timers } from '@portico/core';
import { BufferSink } from '@portico/frame';
import type { Dice } from '../../testing/index.js';
import type { AskedPeer, AskingTest } from './asking.js';

/** Milliseconds that a datagram takes at most: some overtake others, and retransmissions. */
const MAX_DELAY = 5000;
/** Milliseconds from one look at what the hub has sent to the next. */
const STEP = 50;

/** Who is at the other end. */
export interface FarSide {
  /** A datagram arrives. */
  receive(message: CoapMessage): void;
}

/** Between the hub and one peer: loses datagrams, delivers others twice, and in any order. */
export class LossyNetwork {
  readonly #test: AskingTest;
  readonly #peer: AskedPeer;
  readonly #dice: Dice;
  /** Of a hundred datagrams so many are lost, and so many come twice. */
  readonly #lost: number;
  readonly #doubled: number;
  #far: FarSide = { receive() {} };
  #underway = 0;
  /** Delivers all that is sent from now on, at once. */
  perfect = false;

  constructor(test: AskingTest, peer: AskedPeer, dice: Dice, lost: number, doubled: number) {
    this.#test = test;
    this.#peer = peer;
    this.#dice = dice;
    this.#lost = lost;
    this.#doubled = doubled;
  }

  join(far: FarSide): void {
    this.#far = far;
  }

  /** The far side sends. */
  toHub(message: CoapMessage): void {
    const sink = new BufferSink();
    encode(message, sink);
    const datagram = sink.take();
    this.#carry(() => {
      this.#peer.receives(Buffer.from(datagram));
      this.#fromHub();
    });
  }

  /** Lets time pass until `done` and nothing is under way. @throws Error when that takes longer than a day */
  run(done: () => boolean): void {
    for (let time = 0; time < 86_400_000; time += STEP) {
      this.#fromHub();
      if (done() && this.#underway === 0) return;
      this.#test.wait(STEP);
    }
    throw new Error('it does not come to an end');
  }

  #fromHub(): void {
    for (const message of this.#peer.take()) this.#carry(() => this.#far.receive(message));
  }

  #carry(deliver: () => void): void {
    for (let copies = this.#copies(); copies > 0; copies--) {
      this.#underway++;
      const delay = this.perfect ? 0 : this.#dice.roll(MAX_DELAY);
      this.#timers.after(delay, () => {
        this.#underway--;
        deliver();
      });
    }
  }

  #copies(): number {
    if (this.perfect) return 1;
    const roll = this.#dice.roll(100);
    if (roll < this.#lost) return 0;
    return roll >= 100 - this.#doubled ? 2 : 1;
  }

  get #timers(): Timers {
    return this.#test.hub.timers;
  }
}
