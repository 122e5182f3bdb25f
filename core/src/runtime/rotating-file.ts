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

/** Called when the file cannot be written any more, with the reason; without one when it can be again. */
export type FileFault = (reason: string | undefined) => void;

/** What a disk cannot do at present it may do later; until then the bytes wait. */
const LATER = Object.assign(new Error('not now'), { code: 'EAGAIN' });

/** What is no mistake of whoever named the file, and may be over by itself. */
const PASSING: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EAGAIN']);

/**
 * A file that is written to at its end. When it is full it becomes `<file>.1`, that one `<file>.2` and so on, and the
 * oldest is deleted. Readable to the user alone that Portico runs as (and to root). After a fault it is opened anew.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #onFault: FileFault;
  /** Undefined while it cannot be opened. */
  #descriptor: number | undefined;
  /** Bytes in it. */
  #length = 0;
  #fault: string | undefined;
  #isWriting = false;
  /** It is to be closed when what is on its way is written: the system would give its descriptor to another file. */
  #isClosing = false;

  /** @throws PorticoError `PORTICO_ERR_LOG_FILE` when it can never be written to; a full disk may have room later */
  constructor(path: string, rotation: Rotation, onFault: FileFault = () => {}) {
    this.#path = path;
    this.#rotation = rotation;
    this.#onFault = onFault;
    try {
      this.#descriptor = this.#open();
    } catch (cause) {
      const reason = fileReason(cause);
      if (!PASSING.has((cause as NodeJS.ErrnoException).code))
        throw new PorticoError('PORTICO_ERR_LOG_FILE', `${path}: ${reason}`, { cause });
      this.#setFault(reason);
    }
  }

  /** Why it cannot be written to at present. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Writes bytes that are not parted between two files. */
  readonly write: WriteBytes = (bytes, done) => {
    const failed = (error: unknown) => {
      this.close();
      this.#setFault(fileReason(error));
      done(LATER, 0);
    };
    let descriptor: number;
    try {
      descriptor = this.#descriptorFor(bytes.length);
    } catch (error) {
      failed(error);
      return;
    }
    this.#isWriting = true;
    write(descriptor, bytes, (error, written) => {
      this.#isWriting = false;
      if (this.#isClosing) this.close();
      if (error !== null) return failed(error);
      this.#length += written;
      this.#setFault(undefined);
      done(null, written);
    });
  };

  /** Lets go of the file, once nothing is on its way into it. It may be written to again: it is opened then. */
  close(): void {
    this.#isClosing = this.#isWriting;
    if (this.#isWriting) return;
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #setFault(reason: string | undefined): void {
    if (this.#fault === reason) return;
    this.#fault = reason;
    this.#onFault(reason);
  }

  /** What is to be written to, with room for so many bytes. */
  #descriptorFor(size: number): number {
    this.#descriptor ??= this.#open();
    if (this.#length > 0 && this.#length + size > this.#rotation.size) this.#descriptor = this.#rotate();
    return this.#descriptor;
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(this.#path, 'a', 0o600);
    this.#length = fstatSync(descriptor).size;
    return descriptor;
  }

  /** The file of before stays in use until the new one is there. */
  #rotate(): number {
    const { count } = this.#rotation;
    for (let n = count - 2; n >= 0; n--) {
      if (existsSync(this.#numbered(n))) renameSync(this.#numbered(n), this.#numbered(n + 1));
    }
    if (count === 1) rmSync(this.#path, { force: true });
    const before = this.#descriptor;
    const descriptor = this.#open();
    if (before !== undefined) closeSync(before);
    return descriptor;
  }

  /** @param n 0 for the file itself */
  #numbered(n: number): string {
    return n === 0 ? this.#path : `${this.#path}.${n}`;
  }
}
