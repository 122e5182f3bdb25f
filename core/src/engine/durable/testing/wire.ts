import { AckGate } from '../../../gateway/ack-gate.js';
import type { Store } from '../../../store/store.js';

/** A connection as a link makes it: what acknowledges waits until what was written before is durable. */
export class Wire {
  /** False as soon as either side has lost the other. */
  open = true;
  readonly #store: Store;
  readonly #gate: AckGate<() => void>;
  #writtenBefore = -1;

  constructor(store: Store) {
    this.#store = store;
    this.#gate = new AckGate(
      (arrive) => {
        if (this.open) arrive();
      },
      () => {
        this.open = false;
      },
    );
  }

  /** The hub handles something that has come in. */
  handle(handle: () => void): void {
    if (!this.open) return;
    this.#writtenBefore = this.#store.written;
    handle();
    this.#writtenBefore = -1;
  }

  /** The hub acknowledges. @param arrive what the client makes of it */
  acknowledge(arrive: () => void): void {
    const committed = this.#store.written === this.#writtenBefore ? undefined : this.#store.commit();
    this.#gate.pass(arrive, committed);
  }
}
