import { readFileSync } from 'node:fs';
import { processTree } from './cpu-time.js';

/** Bytes that a process and its children have in memory. */
export function residentMemory(pid: number): number {
  return processTree(pid).reduce((sum, each) => {
    const status = readFileSync(`/proc/${each}/status`, 'latin1');
    const [, kilobytes] = /^VmRSS:\s*(\d+) kB/m.exec(status) ?? [];
    return sum + Number(kilobytes) * 1024;
  }, 0);
}
