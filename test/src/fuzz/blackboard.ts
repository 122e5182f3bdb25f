import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_INPUT } from './inputs.js';

/** Number of inputs begun and length of the present one, 32 bits each. */
const HEADER_BYTES = 8;

/**
 * What a process that fuzzes is doing, in a file of its own: how many inputs it has begun, and the present one.
 * It is still there when the process hangs or has died.
 */
export class Blackboard {
  readonly path: string;
  readonly #file: number;
  readonly #entry = Buffer.alloc(HEADER_BYTES + MAX_INPUT);

  private constructor(path: string, file: number) {
    this.path = path;
    this.#file = file;
  }

  /** A new one, empty. Whoever makes it removes it. */
  static create(): Blackboard {
    const path = join(mkdtempSync(join(tmpdir(), 'portico-fuzz-')), 'input');
    const board = new Blackboard(path, openSync(path, 'wx+'));
    writeSync(board.#file, board.#entry);
    return board;
  }

  static open(path: string): Blackboard {
    return new Blackboard(path, openSync(path, 'r+'));
  }

  /** Notes that the next input begins. */
  begin(input: Buffer): void {
    this.#entry.writeUInt32LE(this.#entry.readUInt32LE(0) + 1, 0);
    this.#entry.writeUInt32LE(input.length, 4);
    input.copy(this.#entry, HEADER_BYTES);
    writeSync(this.#file, this.#entry, 0, HEADER_BYTES + input.length, 0);
  }

  /** The present input, and the number of inputs up to it. */
  read(): { readonly count: number; readonly input: Buffer } {
    readSync(this.#file, this.#entry, 0, this.#entry.length, 0);
    const end = HEADER_BYTES + this.#entry.readUInt32LE(4);
    return {
      count: this.#entry.readUInt32LE(0),
      input: Buffer.from(this.#entry.subarray(HEADER_BYTES, end)),
    };
  }

  remove(): void {
    closeSync(this.#file);
    rmSync(join(this.path, '..'), { recursive: true });
  }
}
