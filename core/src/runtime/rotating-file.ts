import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, write } from 'node:fs';
import { dirname } from 'node:path';
import { PorticoError } from './errors.js';
import { fileReason } from './file-reason.js';
import type { WriteBytes } from './line-writer.js';

/** How a file is kept from growing for ever. */
export interface Rotation {
  /** Bytes that it has at most, unless what is written at once is more. */
  readonly size: number;
  /** Files that there are at most, those that are full with it. */
  readonly count: number;
}

/** What a disk cannot do at present it may do later; until then the bytes wait. */
const LATER = Object.assign(new Error('not now'), { code: 'EAGAIN' });

/**
 * A file that is written to at its end. When it is full it becomes `<file>.1`, that one `<file>.2` and so on, and the
 * oldest is deleted. Readable to the user alone that Portico runs as (and to root).
 */
export class RotatingFile {
  readonly #path: string;
  readonly #rotation: Rotation;
  #descriptor: number;
  /** Bytes in it. */
  #length: number;

  /** @throws PorticoError `PORTICO_ERR_LOG_FILE` when it cannot be written to */
  constructor(path: string, rotation: Rotation) {
    this.#path = path;
    this.#rotation = rotation;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.#descriptor = this.#open();
      this.#length = fstatSync(this.#descriptor).size;
    } catch (cause) {
      throw new PorticoError('PORTICO_ERR_LOG_FILE', `${path}: ${fileReason(cause)}`, { cause });
    }
  }

  /** Writes bytes that are not parted between two files. */
  readonly write: WriteBytes = (bytes, done) => {
    try {
      if (this.#length > 0 && this.#length + bytes.length > this.#rotation.size) this.#rotate();
    } catch {
      done(LATER, 0);
      return;
    }
    write(this.#descriptor, bytes, (error, written) => {
      if (error !== null) return done(LATER, 0);
      this.#length += written;
      done(null, written);
    });
  };

  #open(): number {
    return openSync(this.#path, 'a', 0o600);
  }

  /** The file of before stays in use until the new one is there. */
  #rotate(): void {
    const { count } = this.#rotation;
    for (let n = count - 2; n >= 0; n--) {
      if (existsSync(this.#numbered(n))) renameSync(this.#numbered(n), this.#numbered(n + 1));
    }
    if (count === 1) rmSync(this.#path, { force: true });
    const before = this.#descriptor;
    this.#descriptor = this.#open();
    this.#length = 0;
    closeSync(before);
  }

  /** @param n 0 for the file itself */
  #numbered(n: number): string {
    return n === 0 ? this.#path : `${this.#path}.${n}`;
  }
}
