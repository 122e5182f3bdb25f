/** Acknowledgements, and what goes behind them, that wait for the same commit of the store. */
interface Batch<Frame> {
  readonly committed: Promise<void>;
  readonly frames: Frame[];
}

/** Where acknowledgements go. */
export interface AckTarget<Frame> {
  /** What was written before the frame is durable. It must not throw. */
  sendDurable(frame: Frame): void;
  /** Called once, when the store cannot make something durable: nothing is sent any more. */
  failDurable(error: unknown): void;
}

/**
 * Holds acknowledgements back until everything that was written before them is durable. They leave in the order
 * in which they came, each behind its own commit.
 */
export class AckGate<Frame> {
  readonly #target: AckTarget<Frame>;
  #batches: Batch<Frame>[] = [];
  #failed = false;
  #onEmpty: (() => void) | undefined;

  constructor(target: AckTarget<Frame>) {
    this.#target = target;
  }

  /** How many frames wait. */
  get size(): number {
    let size = 0;
    for (const { frames } of this.#batches) size += frames.length;
    return size;
  }

  /** Calls `run`, which must not throw, when nothing waits any more; not if something cannot be made durable. */
  whenEmpty(run: () => void): void {
    this.#onEmpty = run;
  }

  /** @param committed settles when what was written before the frame is durable; undefined when it is */
  pass(frame: Frame, committed: Promise<void> | undefined): void {
    if (this.#failed) {
      committed?.catch(() => {});
      return;
    }
    const last = this.#batches.at(-1);
    if (committed === undefined) {
      if (last === undefined) this.#target.sendDurable(frame);
      else last.frames.push(frame);
    } else if (last?.committed === committed) {
      last.frames.push(frame);
    } else {
      // Should it fail while it waits behind others, nobody hears of it until its turn comes.
      committed.catch(() => {});
      this.#batches.push({ committed, frames: [frame] });
      if (last === undefined) this.#await(committed);
    }
  }

  #await(committed: Promise<void>): void {
    committed.then(
      () => this.#release(),
      (error: unknown) => this.#giveUp(error),
    );
  }

  #giveUp(error: unknown): void {
    this.#failed = true;
    this.#batches = [];
    this.#target.failDurable(error);
  }

  #release(): void {
    const released = this.#batches[0];
    for (const frame of released?.frames ?? []) this.#target.sendDurable(frame);
    this.#batches.shift();
    const next = this.#batches[0];
    if (next !== undefined) {
      this.#await(next.committed);
      return;
    }
    // An array that was not empty keeps its room.
    this.#batches = [];
    this.#onEmpty?.();
  }
}
