/** Sequence numbers that are remembered (RFC 6347 §4.1.2.6). */
const WINDOW = 64;

/**
 * Which sequence numbers of an epoch have come: the newest, and the 64 up to it as two halves of 32 bits. Ask first,
 * and mark once the record has proved to be authentic.
 */
export class ReplayWindow {
  /** -1 before the first. */
  #newest = -1;
  /** Bit n stands for `#newest - n`. */
  #recent = 0;
  /** Bit n stands for `#newest - 32 - n`. */
  #older = 0;

  /** Whether it came before, or is too old to tell. */
  has(sequence: number): boolean {
    const age = this.#newest - sequence;
    if (age < 0) return false;
    if (age >= WINDOW) return true;
    return age < 32 ? ((this.#recent >>> age) & 1) === 1 : ((this.#older >>> (age - 32)) & 1) === 1;
  }

  /** @returns whether it is newer than all before */
  mark(sequence: number): boolean {
    const step = sequence - this.#newest;
    if (step > 0) {
      this.#slide(step);
      this.#newest = sequence;
      this.#recent |= 1;
      return true;
    }
    if (-step < 32) this.#recent |= 1 << -step;
    else this.#older |= 1 << (-step - 32);
    return false;
  }

  /** JavaScript takes shifts modulo 32. */
  #slide(step: number): void {
    if (step < 32) {
      this.#older = (this.#older << step) | (this.#recent >>> (32 - step));
      this.#recent <<= step;
    } else {
      this.#older = step < WINDOW ? this.#recent << (step - 32) : 0;
      this.#recent = 0;
    }
  }
}
