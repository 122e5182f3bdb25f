import type { Clock } from '../../runtime/clock.js';
import { Timer, type Timers } from '../../runtime/timers.js';
import type { LogFolder } from './log-folder.js';

/** Milliseconds between two looks at a disk that is written to, or short of space. */
const INTERVAL = 1000;
/** Once short of space, the disk has enough again when it has so many times what is to stay free. */
const RELIEF = 1.25;

export interface FreeSpaceOptions {
  readonly folder: LogFolder;
  /** Bytes that are to stay free; 0 for none, nobody looks then. */
  readonly least: number;
  readonly clock: Clock;
  readonly timers: Timers;
  /** {@link FreeSpace.isShort} has changed. */
  readonly onChange: () => void;
}

/**
 * Watches that some of the disk stays free. Without it a full disk would stay full: to note that a message is over takes
 * a few bytes, and to give back the space of many takes those that still count of the oldest file once more.
 */
export class FreeSpace {
  readonly #options: FreeSpaceOptions;
  readonly #timer = new Timer(() => void this.look());
  #isShort = false;
  #looking = false;
  /** Bytes written since the last look. */
  #written = 0;
  #lookedAt = 0;
  #closed = false;

  constructor(options: FreeSpaceOptions) {
    this.#options = options;
  }

  /** Whether less is free than is to stay so. */
  get isShort(): boolean {
    return this.#isShort;
  }

  get least(): number {
    return this.#options.least;
  }

  /** So many bytes have been written. */
  wrote(bytes: number): void {
    const { least, clock } = this.#options;
    this.#written += bytes;
    if (4 * this.#written >= least || clock.monotonic() - this.#lookedAt >= INTERVAL) void this.look();
  }

  /** Finds out what is free; where the system does not tell, that is enough. */
  async look(): Promise<void> {
    const { folder, least, clock, timers } = this.#options;
    if (least === 0 || this.#looking || this.#closed) return;
    this.#looking = true;
    this.#written = 0;
    this.#lookedAt = clock.monotonic();
    const free = await folder.free().catch(() => Number.POSITIVE_INFINITY);
    this.#looking = false;
    if (this.#closed) return;
    this.#set(free < least * (this.#isShort ? RELIEF : 1));
    if (this.#isShort) timers.arm(this.#timer, INTERVAL);
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
    this.#options.timers.cancel(this.#timer);
  }

  #set(isShort: boolean): void {
    if (this.#isShort === isShort) return;
    this.#isShort = isShort;
    this.#options.onChange();
  }
}
