import { AckGate } from '../../../gateway/ack-gate.js';
import { isPromise, type MaybePromise } from '../../../runtime/maybe-promise.js';
import type { Store } from '../../../store/store.js';

/**
 * A connection as a link makes it: what comes in is handled one after the other, and what acknowledges waits until
 * what was written before is durable.
 */
export class Wire {
  /** False as soon as either side has lost the other. */
  open = true;
  readonly #store: Store;
  readonly #gate: AckGate<() => void>;
  #writtenBefore = -1;
  #busy = false;
  readonly #waiting: (() => MaybePromise<void>)[] = [];

  /** @param onFailure called when an acknowledgement could not be made durable: the hub ends the connection */
  constructor(store: Store, onFailure: () => void) {
    this.#store = store;
    this.#gate = new AckGate({
      sendDurable: (arrive) => {
        if (this.open) arrive();
      },
      failDurable: () => {
        if (this.open) onFailure();
      },
    });
  }

  /** The hub handles something that has come in. */
  handle(handle: () => MaybePromise<void>): void {
    if (this.#busy) this.#waiting.push(handle);
    else if (this.open) this.#run(handle);
  }

  #run(handle: () => MaybePromise<void>): void {
    this.#writtenBefore = this.#store.written;
    const pending = handle();
    this.#writtenBefore = -1;
    if (!isPromise(pending)) return;
    this.#busy = true;
    void pending.then(() => {
      this.#busy = false;
      for (const next of this.#waiting.splice(0)) this.handle(next);
    });
  }

  /** The hub acknowledges. @param arrive what the client makes of it */
  acknowledge(arrive: () => void): void {
    const committed = this.#store.written === this.#writtenBefore ? undefined : this.#store.commit();
    this.#gate.pass(arrive, committed);
  }
}
