import type { ClientNames, ConnectionInfo, TransportType } from '../engine/client-info.js';
import type { Traffic } from '../engine/traffic.js';
import type { Fault, Peer } from '../gateway/contract.js';
import { NOTHING_PROVEN } from '../listeners/listener-context.js';
import type { Clock } from '../runtime/clock.js';
import { Timer, type Timers } from '../runtime/timers.js';

let nextId = 1;

/** A made-up connection from 127.0.0.1. */
export function connectionInfo(gateway: string, changes: Partial<ConnectionInfo> = {}): ConnectionInfo {
  const transport: TransportType = changes.transport ?? 'tcp';
  const id = nextId++;
  return {
    id,
    transport,
    gateway,
    listener: `${gateway}:${transport}:default`,
    peer: { host: '127.0.0.1', port: 40_000 + (id % 20_000) },
    local: { host: '127.0.0.1', port: 1000 },
    ...NOTHING_PROVEN,
    ...changes,
  };
}

/** A peer that keeps what a channel sends, for tests of channels without sockets. */
export class RecordingPeer<Out> implements Peer<Out> {
  readonly info: ConnectionInfo;
  writable = true;
  lastReceived: number;
  /** Nothing has passed it: it has no bytes. */
  readonly traffic: Traffic = {
    bytesReceived: 0,
    reads: 0,
    framesReceived: 0,
    bytesSent: 0,
    writes: 0,
    framesSent: 0,
  };
  /** Frames sent and not yet taken. */
  readonly sent: Out[] = [];
  /** Reason given to `end`; undefined while open. */
  ended: string | undefined;
  clientId: string | undefined;
  /** Codes of what the channel has found wrong with what came. */
  readonly faults: string[] = [];
  /** Whether {@link sendAck} and {@link whenDurable} wait for {@link settle}. */
  storing = false;
  held = 0;
  readonly #awaiting: ((durable: boolean) => void)[] = [];
  readonly #timers: Timers;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #onTimer: () => void = () => {};

  constructor(info: ConnectionInfo, clock: Clock, timers: Timers) {
    this.info = info;
    this.#clock = clock;
    this.#timers = timers;
    this.lastReceived = clock.monotonic();
  }

  /** The channel whose `onTimer` the timer calls. */
  attach(channel: { onTimer(): void }): void {
    this.#onTimer = () => channel.onTimer();
  }

  /** Call before handing the channel a frame, as a link does when bytes arrive. */
  received(): void {
    this.lastReceived = this.#clock.monotonic();
  }

  /** All frames sent since the last call. */
  take(): Out[] {
    return this.sent.splice(0);
  }

  identify({ clientId }: ClientNames): void {
    this.clientId = clientId;
  }

  malformed({ code }: Fault): void {
    this.faults.push(code);
  }

  send(frame: Out): void {
    if (this.ended === undefined) this.sent.push(frame);
  }

  sendAck(frame: Out): void {
    if (this.storing) this.#hold(frame);
    else this.sendBehindAcks(frame);
  }

  sendBehindAcks(frame: Out): void {
    if (this.held > 0) this.#hold(frame);
    else this.send(frame);
  }

  #hold(frame: Out): void {
    this.held++;
    this.#awaiting.push((durable) => {
      this.held--;
      if (durable) this.send(frame);
    });
  }

  whenDurable(run: (durable: boolean) => void): boolean {
    if (this.storing) this.#awaiting.push(run);
    return this.storing;
  }

  /** What was published is durable, or cannot be made so. */
  settle(durable = true): void {
    for (const run of this.#awaiting.splice(0)) run(durable);
  }

  end(reason: string): void {
    this.ended ??= reason;
    this.clearTimer();
  }

  endBehindAcks(reason: string): void {
    if (this.held > 0) this.#awaiting.push(() => this.end(reason));
    else this.end(reason);
  }

  setTimer(delay: number): void {
    this.#timer ??= new Timer(() => this.#onTimer());
    this.#timers.arm(this.#timer, delay);
  }

  clearTimer(): void {
    if (this.#timer !== undefined) this.#timers.cancel(this.#timer);
  }
}
