import { type Outcome, Ping } from '@portico/coap-endpoint';
import { type Clock, Timer, type Timers } from '@portico/core';
import type { CoapChannel } from './channel.js';

/** Whose life it is. */
export interface Living {
  /** The peers that have observations of the client. */
  observers(): ReadonlySet<CoapChannel>;
  /** It has been silent for too long. */
  silent(): void;
}

/** What all lives share. */
export interface LifeSettings {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Milliseconds; 0 for none. */
  readonly keepalive: number;
}

/**
 * Whether a client is still there: it is for as long as requests, acknowledgements or answers to pings come from
 * it. Peers with an observation of it are pinged when they have been silent for the keepalive time. It is its own
 * timer, which looks when it fires how long ago the signs of life were.
 */
export class ClientLife extends Timer {
  readonly #client: Living;
  readonly #settings: LifeSettings;
  /** On the monotonic clock. */
  #lastSeen: number;
  #latest: CoapChannel | undefined;
  /** Who has been pinged and has not answered yet; undefined while nobody ever was. */
  #pinged: Set<CoapChannel> | undefined;
  #over = false;

  constructor(client: Living, settings: LifeSettings) {
    super();
    this.#client = client;
    this.#settings = settings;
    this.#lastSeen = settings.clock.monotonic();
  }

  begin(): void {
    this.#arm(this.#now());
  }

  end(): void {
    this.#over = true;
    this.#settings.timers.cancel(this);
  }

  /** A sign of life. */
  seen(channel: CoapChannel): void {
    this.#lastSeen = this.#now();
    this.#latest = channel;
  }

  /** Where it spoke from last; undefined for nowhere. */
  get latest(): CoapChannel | undefined {
    return this.#latest;
  }

  /** Where the client has been heard from since a peer of its was last heard; undefined for nowhere. */
  heardElsewhere(than: CoapChannel): CoapChannel | undefined {
    const latest = this.#latest;
    if (latest === undefined || latest === than || !latest.open) return undefined;
    return this.#lastSeen > than.lastReceived ? latest : undefined;
  }

  override fire(): void {
    const now = this.#now();
    const observers = this.#client.observers();
    if (this.#isSilent(now, observers)) {
      this.#client.silent();
      return;
    }
    for (const channel of observers) {
      if (now - channel.lastReceived >= this.#settings.keepalive) this.#ping(channel);
    }
    this.#arm(now);
  }

  #isSilent(now: number, observers: ReadonlySet<CoapChannel>): boolean {
    return observers.size === 0 && now - this.#lastSeen >= this.#settings.keepalive;
  }

  /** Fires when the next observer, or the client itself if it has none, will have been silent for long enough. */
  #arm(now: number): void {
    const { keepalive, timers } = this.#settings;
    if (keepalive === 0) return;
    let due = keepalive;
    const observers = this.#client.observers();
    if (observers.size === 0) due = this.#lastSeen + keepalive - now;
    for (const { lastReceived } of observers) {
      const left = lastReceived + keepalive - now;
      if (left > 0 && left < due) due = left;
    }
    timers.arm(this, due);
  }

  #ping(channel: CoapChannel): void {
    this.#pinged ??= new Set();
    if (this.#pinged.has(channel)) return;
    this.#pinged.add(channel);
    channel.sendConfirmable(
      new Ping(
        () => !this.#over,
        (outcome) => this.#answered(channel, outcome),
      ),
    );
  }

  #answered(channel: CoapChannel, outcome: Outcome): void {
    this.#pinged?.delete(channel);
    if (outcome === 'acknowledged' || outcome === 'reset') this.seen(channel);
    else if (outcome === 'timeout') channel.unreachable();
    if (!this.#over && this.#isSilent(this.#now(), this.#client.observers())) this.#client.silent();
  }

  #now(): number {
    return this.#settings.clock.monotonic();
  }
}
