import { MAX_INPUT } from './inputs.js';

const HEADER_BYTES = 8;

/**
 * Memory shared between a worker that fuzzes and the thread that watches it: how many inputs the worker has
 * begun, and the present one. So the input is known even when the worker hangs or dies.
 */
export class Blackboard {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory = new SharedArrayBuffer(HEADER_BYTES + MAX_INPUT)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory, 0, 2);
    this.#bytes = new Uint8Array(memory, HEADER_BYTES);
  }

  /** Inputs begun so far, modulo 2³². */
  get count(): number {
    return Atomics.load(this.#numbers, 0);
  }

  /** A copy of the present input. */
  get input(): Buffer {
    return Buffer.from(this.#bytes.slice(0, Atomics.load(this.#numbers, 1)));
  }

  begin(input: Buffer): void {
    this.#bytes.set(input);
    Atomics.store(this.#numbers, 1, input.length);
    Atomics.add(this.#numbers, 0, 1);
  }
}
