import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.js';
import { PorticoError } from '../../runtime/errors.js';
import { Timer, type Timers } from '../../runtime/timers.js';
import { isRunning, isVisible, parseHolder, thisProcess } from './lock-holder.js';
import { saysFull } from './no-room.js';

/** Milliseconds between two touches of the lock. */
const TOUCH_INTERVAL = 5_000;
/** A lock of another host or container that has not been touched for so many milliseconds is left over. */
const STALE_AFTER = 15_000;
/** Attempts to get a lock that others also try to take over. */
const ATTEMPTS = 3;

/** The file `lock` in a folder: one process at a time uses what is in it. */
export class FolderLock {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #timers: Timers;
  /** What this process has written into it. */
  readonly #text: string;
  readonly #touchTimer = new Timer(() => void this.#touch());
  #onLost: () => void = () => {};
  #released = false;

  private constructor(path: string, text: string, clock: Clock, timers: Timers) {
    this.#path = path;
    this.#text = text;
    this.#clock = clock;
    this.#timers = timers;
    timers.arm(this.#touchTimer, TOUCH_INTERVAL);
  }

  /**
   * Takes the lock of a folder, also one that a process has left that is gone.
   * @throws PorticoError PORTICO_ERR_STORE_LOCKED when another process has it
   */
  static async take(folder: string, clock: Clock, timers: Timers, self = thisProcess()): Promise<FolderLock> {
    const path = join(folder, 'lock');
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const written = await create(path, `${JSON.stringify(self)}\n`);
      if (written !== undefined) return new FolderLock(path, written, clock, timers);
      const text = await readFile(path, 'utf8').catch(() => '');
      if (await isHeld(path, text, clock)) throw held(path, text);
      await removeStale(path, text);
    }
    throw held(path, '');
  }

  /** Calls `listener` when another process has taken the lock over, for this one seemed to be gone. */
  onLost(listener: () => void): void {
    this.#onLost = listener;
  }

  async release(): Promise<void> {
    this.#released = true;
    this.#timers.cancel(this.#touchTimer);
    if (await this.#isOurs()) await rm(this.#path, { force: true });
  }

  async #touch(): Promise<void> {
    if (!(await this.#isOurs())) {
      if (!this.#released) this.#onLost();
      return;
    }
    const seconds = this.#clock.now() / 1000;
    await utimes(this.#path, seconds, seconds).catch(() => {});
    if (!this.#released) this.#timers.arm(this.#touchTimer, TOUCH_INTERVAL);
  }

  /** Whether it is what this process has left there; one that cannot be read is taken for that. */
  async #isOurs(): Promise<boolean> {
    try {
      return (await readFile(this.#path, 'utf8')) === this.#text;
    } catch {
      return true;
    }
  }
}

/**
 * Makes a lock with its text in it from the first moment: a process that is killed leaves none of which nobody knows
 * whose it is.
 * @param text is left out where the disk has no room for it: a store can be opened all the same
 * @returns what has been written; undefined when there is a lock already
 */
async function create(path: string, text: string): Promise<string | undefined> {
  const made = `${path}.${randomUUID()}`;
  try {
    await writeFile(made, text, { mode: 0o600 });
    await link(made, path);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    // A full disk, or a file system without hard links.
    return await createInPlace(path, text);
  } finally {
    await rm(made, { force: true });
  }
}

/** As {@link create}, in two steps. */
async function createInPlace(path: string, text: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  try {
    await writeFile(path, text);
    return text;
  } catch (error) {
    if (saysFull(error)) {
      await truncate(path);
      return '';
    }
    await rm(path);
    throw error;
  }
}

/** @param text contents of the lock; may be only half there while its holder writes it */
async function isHeld(path: string, text: string, clock: Clock): Promise<boolean> {
  const holder = parseHolder(text);
  if (holder !== undefined && isVisible(holder)) return isRunning(holder);
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.NEGATIVE_INFINITY }));
  return clock.now() - mtimeMs < STALE_AFTER;
}

/** Removes a lock, but not the one that another process has put in its place meanwhile. */
async function removeStale(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readFile(aside, 'utf8');
  if (moved === text) await rm(aside);
  else await rename(aside, path);
}

function held(path: string, text: string): PorticoError {
  const holder = parseHolder(text);
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new PorticoError('PORTICO_ERR_STORE_LOCKED', `${path}: ${who} uses it`);
}
