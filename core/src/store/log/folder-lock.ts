import { readFileSync } from 'node:fs';
import { open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.js';
import { PorticoError } from '../../runtime/errors.js';
import { Timer, type Timers } from '../../runtime/timers.js';

/** Milliseconds between two touches of the lock. */
const TOUCH_INTERVAL = 10_000;
/** A lock of another host that has not been touched for so many milliseconds is left over. */
const STALE_AFTER = 30_000;
/** Attempts to get a lock that others also try to take over. */
const ATTEMPTS = 3;

/** Who holds a lock. */
interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /** When the process started, as its system tells it; `undefined` where it does not. A pid may be given again. */
  readonly started?: string;
}

/** The file `lock` in a folder: one process at a time uses what is in it. */
export class FolderLock {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #touchTimer = new Timer(() => void this.#touch());
  #released = false;

  private constructor(path: string, clock: Clock, timers: Timers) {
    this.#path = path;
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
      if (await create(path, self)) return new FolderLock(path, clock, timers);
      const text = await readFile(path, 'utf8').catch(() => '');
      if (await isHeld(path, text, clock)) throw held(path, text);
      await removeStale(path, text);
    }
    throw held(path, '');
  }

  async release(): Promise<void> {
    this.#released = true;
    this.#timers.cancel(this.#touchTimer);
    await rm(this.#path, { force: true });
  }

  async #touch(): Promise<void> {
    const seconds = this.#clock.now() / 1000;
    await utimes(this.#path, seconds, seconds).catch(() => {});
    if (!this.#released) this.#timers.arm(this.#touchTimer, TOUCH_INTERVAL);
  }
}

function thisProcess(): LockHolder {
  return { host: hostname(), pid: process.pid, ...startOf(process.pid) };
}

/** @returns false when there is a lock already */
async function create(path: string, holder: LockHolder): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    await writeFile(path, `${JSON.stringify(holder)}\n`);
    return true;
  } catch (error) {
    await rm(path);
    throw error;
  }
}

/** @param text contents of the lock; may be only half there while its holder writes it */
async function isHeld(path: string, text: string, clock: Clock): Promise<boolean> {
  const holder = parseHolder(text);
  if (holder?.host === hostname()) return isRunning(holder);
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.NEGATIVE_INFINITY }));
  return clock.now() - mtimeMs < STALE_AFTER;
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const holder: unknown = JSON.parse(text);
    return holder !== null && typeof holder === 'object' && 'host' in holder && 'pid' in holder
      ? (holder as LockHolder)
      : undefined;
  } catch {
    return undefined;
  }
}

function isRunning({ pid, started }: LockHolder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return started === startOf(pid).started;
}

/** When a process started, in ticks since the system did: field 22 of `/proc/<pid>/stat`, proc(5). */
function startOf(pid: number): Pick<LockHolder, 'started'> {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const started = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
    return started === undefined ? {} : { started };
  } catch {
    return {};
  }
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
