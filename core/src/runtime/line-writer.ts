import type { Clock } from './clock.js';

/** Bytes of lines that may wait for whoever reads them; further lines are lost. */
const MAX_WAITING = 8 * 1024 * 1024;
/** Milliseconds for which lines are gathered: each write is a matter of two threads. */
const GATHER = 20;
/** Milliseconds after which a reader that had no room is tried again. */
const RETRY = 50;

/** Writes bytes, and says how many of them are written; `EAGAIN`: none, and they are to be offered again. */
export type WriteBytes = (
  bytes: Buffer,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/**
 * Where log lines go. The lines of a moment leave in one piece, and nothing waits for a reader that is slow: lines
 * pile up for it, and those for which there is no more room are lost, which is told when it reads again.
 */
export class LineWriter {
  readonly #clock: Clock;
  readonly #onLost: (lines: number) => void;
  readonly #write: WriteBytes;
  #gathered: string[] = [];
  /** Bytes gathered and under way. */
  #waiting = 0;
  /** Under way, as far as the reader has not taken it. */
  #rest: Buffer | undefined;
  #scheduled = false;
  readonly #retry: number;
  /** Since the reader last read. */
  #lost = 0;
  #lostBefore = 0;
  /** The reader is gone for good. */
  #broken = false;
  #onEmpty: (() => void)[] = [];

  /**
   * @param onLost called when the reader reads again; may write
   * @param retry milliseconds after which a reader that had no room is tried again
   */
  constructor(writeBytes: WriteBytes, clock: Clock, onLost: (lines: number) => void, retry = RETRY) {
    this.#retry = retry;
    this.#clock = clock;
    this.#onLost = onLost;
    this.#write = writeBytes;
  }

  /** How many lines have been lost since the start. */
  get lost(): number {
    return this.#lostBefore + this.#lost;
  }

  write(line: string): void {
    if (this.#broken) {
      this.#lost++;
      return;
    }
    const size = Buffer.byteLength(line);
    if (this.#waiting + size > MAX_WAITING) {
      this.#lost++;
      return;
    }
    this.#gathered.push(line);
    this.#waiting += size;
    this.#schedule();
  }

  /** Settles when the reader has taken everything that has been written so far. */
  flush(): Promise<void> {
    if (this.#waiting === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled || this.#rest !== undefined) return;
    this.#scheduled = true;
    this.#clock.schedule(GATHER, () => {
      this.#scheduled = false;
      if (this.#broken) return;
      this.#rest = Buffer.from(this.#gathered.join(''));
      this.#gathered = [];
      this.#offer(this.#rest);
    });
  }

  #offer(bytes: Buffer): void {
    this.#write(bytes, (error, written) => {
      if (this.#broken) return;
      if (error === null) this.#taken(bytes, written);
      else if (error.code === 'EAGAIN') this.#clock.schedule(this.#retry, () => this.#offerAgain(bytes));
      else this.breakOff();
    });
  }

  #offerAgain(bytes: Buffer): void {
    if (!this.#broken) this.#offer(bytes);
  }

  #taken(bytes: Buffer, written: number): void {
    this.#waiting -= written;
    if (written < bytes.length) {
      this.#rest = bytes.subarray(written);
      this.#offer(this.#rest);
      return;
    }
    this.#rest = undefined;
    this.#reportLost();
    if (this.#gathered.length > 0) this.#schedule();
    else this.#emptied();
  }

  #reportLost(): void {
    if (this.#lost === 0) return;
    const lost = this.#lost;
    this.#lostBefore += lost;
    this.#lost = 0;
    this.#onLost(lost);
  }

  /** Writes no more: what waits is lost. */
  readonly breakOff = (): void => {
    this.#broken = true;
    this.#lost += this.#gathered.length + linesIn(this.#rest);
    this.#gathered = [];
    this.#rest = undefined;
    this.#waiting = 0;
    this.#emptied();
  };

  #emptied(): void {
    const waiting = this.#onEmpty;
    this.#onEmpty = [];
    for (const resolve of waiting) resolve();
  }
}

const LINE_FEED = 10;

function linesIn(bytes: Buffer | undefined): number {
  let lines = 0;
  for (const byte of bytes ?? []) if (byte === LINE_FEED) lines++;
  return lines;
}
