import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that holds a lock. */
export interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /** When the process started, as its system tells it; `undefined` where it does not. A pid may be given again. */
  readonly started?: string;
  /** The pid namespace, pid_namespaces(7), in which it has its pid: each container has its own, whatever its host name. */
  readonly pids?: string;
}

export function thisProcess(): LockHolder {
  return { host: hostname(), pid: process.pid, ...startOf(process.pid), ...pidNamespace() };
}

/** @returns undefined when the text names no process */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    const holder: unknown = JSON.parse(text);
    return holder !== null && typeof holder === 'object' && 'host' in holder && 'pid' in holder
      ? (holder as LockHolder)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether this process can see whether that one runs. */
export function isVisible({ host, pids }: LockHolder): boolean {
  return host === hostname() && pids === pidNamespace().pids;
}

/** @param holder one that {@link isVisible} */
export function isRunning({ pid, started }: LockHolder): boolean {
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

function pidNamespace(): Pick<LockHolder, 'pids'> {
  try {
    return { pids: readlinkSync('/proc/self/ns/pid') };
  } catch {
    return {};
  }
}
