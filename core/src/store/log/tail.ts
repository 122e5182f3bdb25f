import { isFirstOfBatch, isLastOfBatch } from './record.js';
import { type Damage, type ScanRange, type ScanVisitor, scan } from './scan.js';

export interface Tail {
  /** Offset behind the last batch that is whole. */
  readonly end: number;
  /** What is wrong behind it: nothing, a batch that was cut short, or one that is damaged. */
  readonly fault: 'none' | 'cut' | 'damaged';
}

/**
 * Finds out where the last segment ends. Its last batch may not have been written to its end, and the disk may have
 * taken its pieces in any order: it counts as a whole or not at all. All batches before it were durable before the
 * next was begun.
 */
export async function findTail(range: ScanRange): Promise<Tail> {
  const finder = new TailFinder(range.start);
  await scan(range, finder);
  return finder.tail(range.end);
}

class TailFinder implements ScanVisitor {
  /** Where the last batch begins. */
  #start: number;
  /** Whether the last record of that batch has been seen. */
  #closed = true;
  /** Damage in that batch. */
  #damage: Damage | undefined;

  constructor(start: number) {
    this.#start = start;
  }

  record(buffer: Buffer, at: number, _length: number, offset: number): void {
    if (isFirstOfBatch(buffer, at)) this.#begin(offset);
    else if (this.#closed && this.#damage === undefined) this.#begin(offset);
    this.#closed = isLastOfBatch(buffer, at);
  }

  damage(damage: Damage): void {
    if (this.#closed) this.#begin(damage.offset);
    this.#closed = false;
    this.#damage ??= damage;
  }

  tail(end: number): Tail {
    if (this.#closed && this.#damage === undefined) return { end, fault: 'none' };
    return { end: this.#start, fault: this.#damage?.cut === false ? 'damaged' : 'cut' };
  }

  #begin(offset: number): void {
    this.#start = offset;
    this.#damage = undefined;
  }
}
