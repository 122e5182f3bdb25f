import type { ConnectionInfo } from '../../engine/client-info.js';
import { Timer } from '../../runtime/timers.js';
import type { Accept, Connection, ConnectionHandler } from '../connection.js';

/**
 * What a UDP connection needs of its listener; one object for all its connections.
 * @typeParam Route how a peer is reached: by its address, or by its DTLS session
 */
export interface UdpSite<Route> {
  /** Milliseconds since an arbitrary start. */
  now(): number;
  /** Milliseconds; 0 for never. */
  readonly idleTimeout: number;
  arm(timer: Timer, delay: number): void;
  /** @returns true when the bytes may be reused */
  send(bytes: Buffer, connection: UdpConnection<Route>): boolean;
  /** The connection is gone; a further datagram of its peer makes a new one. */
  forget(connection: UdpConnection<Route>): void;
}

/**
 * A UDP peer. It is its own idle timer: a datagram only notes the time, and the timer looks when it fires how
 * long ago that was.
 */
export class UdpConnection<Route> extends Timer implements Connection {
  readonly info: ConnectionInfo;
  readonly route: Route;
  /** Datagrams wait in the socket of all peers and are bounded there, not here. */
  readonly pendingBytes = 0;
  readonly #site: UdpSite<Route>;
  readonly #handler: ConnectionHandler;
  #lastActive: number;
  #closed = false;

  constructor(info: ConnectionInfo, route: Route, site: UdpSite<Route>, accept: Accept) {
    super();
    this.info = info;
    this.route = route;
    this.#site = site;
    this.#lastActive = site.now();
    if (site.idleTimeout > 0) site.arm(this, site.idleTimeout);
    this.#handler = accept(this);
  }
  get closed(): boolean {
    return this.#closed;
  }

  write(bytes: Buffer): boolean {
    if (this.#closed) return true;
    this.#lastActive = this.#site.now();
    return this.#site.send(bytes, this);
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.lost('local');
  }

  destroy(): void {
    this.lost('local');
  }

  /** A datagram of the peer. */
  receive(bytes: Buffer): void {
    if (this.#closed) return;
    this.#lastActive = this.#site.now();
    this.#handler.onData(bytes);
  }

  override fire(): void {
    const left = this.#lastActive + this.#site.idleTimeout - this.#site.now();
    if (left > 0) this.#site.arm(this, left);
    else if (this.#handler.mayBeSilent?.() === true) this.#site.arm(this, this.#site.idleTimeout);
    else this.lost('idle_timeout');
  }

  /**
   * The peer is gone. `onClose` comes later, as with other transports, and not in the middle of what the handler is
   * doing.
   */
  lost(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#site.forget(this);
    process.nextTick(() => this.#handler.onClose(reason));
  }
}
