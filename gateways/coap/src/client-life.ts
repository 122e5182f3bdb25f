import { EMPTY_CODE, NO_BYTES, NO_OPTIONS } from '@portico/codec-coap';
import { type GatewayContext, Timer } from '@portico/core';
import type { CoapChannel } from './channel.js';
import type { Confirmable, MessageBody, Outcome } from './confirmable-sender.js';

/** The client whose life it is. */
interface Living {
  readonly connected: boolean;
  /** The peers that have observations of it. */
  observers(): ReadonlySet<CoapChannel>;
  /** It has been silent for too long. */
  fellSilent(): void;
}

/**
 * How long a client lives: as long as requests, acknowledgements or answers to pings come from it. Observers that
 * are silent for the keepalive time are pinged; a silent client without any is gone.
 */
export class ClientLife {
  readonly #client: Living;
  readonly #context: GatewayContext;
  /** Milliseconds; 0 for ever. */
  readonly #keepalive: number;
  readonly #timer = new Timer(() => this.#check());
  /** On the monotonic clock. */
  #lastSeen: number;
  /** Where it spoke from last. */
  #latest: CoapChannel | undefined;
  #pings = 0;

  constructor(client: Living, context: GatewayContext, keepalive: number) {
    this.#client = client;
    this.#context = context;
    this.#keepalive = keepalive;
    this.#lastSeen = this.#now();
  }

  begin(): void {
    this.#arm(this.#now());
  }

  end(): void {
    this.#context.timers.cancel(this.#timer);
  }

  /** A sign of life. */
  seen(channel: CoapChannel): void {
    this.#lastSeen = this.#now();
    this.#latest = channel;
  }

  /** Where the client has been heard from since a peer of its was last heard; undefined for nowhere. */
  heardElsewhere(than: CoapChannel): CoapChannel | undefined {
    const latest = this.#latest;
    if (latest === undefined || latest === than || !latest.open) return undefined;
    return this.#lastSeen > than.lastReceived ? latest : undefined;
  }

  #check(): void {
    const now = this.#now();
    const observers = this.#client.observers();
    if (this.#isOver(now, observers)) return;
    if (this.#pings === 0) {
      for (const channel of observers) {
        if (now - channel.lastReceived >= this.#keepalive) this.#ping(channel);
      }
    }
    this.#arm(now);
  }

  #isOver(now: number, observers: ReadonlySet<CoapChannel>): boolean {
    if (observers.size > 0 || now - this.#lastSeen < this.#keepalive) return false;
    this.#client.fellSilent();
    return true;
  }

  #arm(now: number): void {
    if (this.#keepalive === 0) return;
    let oldest = this.#lastSeen;
    for (const channel of this.#client.observers()) oldest = Math.min(oldest, channel.lastReceived);
    const due = oldest + this.#keepalive - now;
    this.#context.timers.arm(this.#timer, due > 0 ? due : this.#keepalive);
  }

  #ping(channel: CoapChannel): void {
    this.#pings++;
    channel.sendConfirmable(
      new Ping(
        () => this.#client.connected,
        (outcome) => this.#pinged(channel, outcome),
      ),
    );
  }

  #pinged(channel: CoapChannel, outcome: Outcome): void {
    this.#pings--;
    if (outcome === 'acknowledged' || outcome === 'reset') this.seen(channel);
    else if (outcome === 'timeout') channel.unreachable();
    if (this.#client.connected) this.#isOver(this.#now(), this.#client.observers());
  }

  #now(): number {
    return this.#context.clock.monotonic();
  }
}

/** An Empty confirmable message: whoever is there answers with a Reset (RFC 7252 §4.3). */
class Ping implements Confirmable {
  readonly body: MessageBody = {
    code: EMPTY_CODE,
    token: NO_BYTES,
    options: NO_OPTIONS,
    payload: NO_BYTES,
  };
  readonly settled: (outcome: Outcome) => void;
  readonly #wanted: () => boolean;

  constructor(wanted: () => boolean, settled: (outcome: Outcome) => void) {
    this.#wanted = wanted;
    this.settled = settled;
  }

  get wanted(): boolean {
    return this.#wanted();
  }
}
