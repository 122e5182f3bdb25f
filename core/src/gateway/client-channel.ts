import type { DetachReason } from '../engine/outcomes.js';
import type { Traffic } from '../engine/traffic.js';
import type { AttachedSession } from '../engine/types.js';
import type { Clock } from '../runtime/clock.js';
import type { MaybePromise } from '../runtime/maybe-promise.js';
import type { Channel, FrameFault, Peer } from './contract.js';

/**
 * A channel whose connection is one client's: what such channels have in common. The client has to log in in time;
 * from then on it has a session, until one side lets go, and may not be silent for longer than it has been allowed. A
 * protocol in which the hub can say why it lets go overrides what would else just close the connection.
 */
export abstract class ClientChannel<In, Out> implements Channel<In> {
  protected readonly peer: Peer<Out>;
  /** There from the login to the end. */
  protected session: AttachedSession | undefined;
  /** Looked at after each wait: the connection may be gone by then. */
  protected closed = false;
  readonly #clock: Clock;
  /** Milliseconds without a byte after which the client is gone, 0 for never; undefined until it has logged in. */
  #patience: number | undefined;

  /** @param idleTimeout milliseconds that the login may take; 0 for ever */
  constructor(peer: Peer<Out>, clock: Clock, idleTimeout: number) {
    this.peer = peer;
    this.#clock = clock;
    if (idleTimeout > 0) peer.setTimer(idleTimeout);
  }

  /** See `SessionHandler.traffic`. */
  get traffic(): Traffic {
    return this.peer.traffic;
  }

  abstract onFrame(frame: In): MaybePromise<void>;

  onFrameError({ code }: FrameFault): void {
    this.close(code);
  }

  onShutdown(): void {
    // The link closes.
  }

  /** What the client was to be told is not certain: it comes again, and asks again. */
  onStorageFailure(): void {
    this.close('storage_failed');
  }

  /** The client has been silent for longer than it may. */
  protected onSilence(): void {
    this.close('keepalive_timeout');
  }

  /** The client has logged in, or its keep alive changes. @param patience milliseconds; 0 for ever */
  protected allowSilence(patience: number): void {
    this.#patience = patience;
    if (patience === 0) this.peer.clearTimer();
    else this.peer.setTimer(patience - this.#silence());
  }

  onTimer(): void {
    if (this.#patience === undefined) {
      this.close('idle_timeout');
      return;
    }
    const left = this.#patience - this.#silence();
    if (left <= 0) this.onSilence();
    else this.peer.setTimer(left);
  }

  /** Milliseconds since the last byte of the client. */
  #silence(): number {
    return this.#clock.monotonic() - this.peer.lastReceived;
  }

  /** The session is no longer this connection's. */
  detached(reason: DetachReason): void {
    this.session = undefined;
    this.close(reason);
  }

  onWritable(): void {
    this.session?.catchUp();
  }

  onClose(reason: string): void {
    this.leave(reason);
  }

  /** Ends session and connection. @param reason as operators see it */
  protected close(reason: string): void {
    this.leave(reason);
    this.peer.end(reason);
  }

  /** As `close`, but the client gets the answers before that wait until something is durable. */
  protected closeBehindAcks(reason: string): void {
    this.leave(reason);
    this.peer.endBehindAcks(reason);
  }

  /** Ends the session, whichever side ends the connection; may come more than once. */
  protected leave(reason: string): void {
    this.closed = true;
    this.session?.close(reason);
    this.session = undefined;
  }
}
