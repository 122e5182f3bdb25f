import type { JsonValue } from '../commands/exact-json.js';

/**
 * Where a command is: it waits for the device, is on its way, has been answered (by the device, or with why it cannot be
 * sent), or has not been answered in time.
 */
export type CommandState = 'queued' | 'sent' | 'done' | 'timeout';

/** A command as operators see it. */
export interface CommandView {
  readonly endpoint: string;
  readonly reqID: JsonValue | undefined;
  readonly msgType: JsonValue | undefined;
  readonly path: JsonValue;
  readonly state: CommandState;
  /** Of the answer, `2.05`; undefined while there is none. */
  readonly code: string | undefined;
}

/** The commands that are over, the latest of all devices of a gateway together: a ring. */
export class CommandLog {
  readonly #capacity: number;
  readonly #ring: CommandView[] = [];
  /** Where the oldest is, once the ring is full. */
  #oldest = 0;

  /** @param capacity how many are remembered */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(view: CommandView): void {
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(view);
      return;
    }
    this.#ring[this.#oldest] = view;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  /** Those of a device that are still remembered, oldest first. */
  of(endpoint: string): CommandView[] {
    const inOrder = [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
    return inOrder.filter((view) => view.endpoint === endpoint);
  }
}
