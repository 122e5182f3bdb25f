import { readdir, readFile, stat } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';

/** How much of something there is and how much of that is used. */
export interface Usage {
  readonly used: number;
  readonly total: number;
}

/** What is measured of the machine and of the process. */
export interface Machine {
  /** Milliseconds that all processors together have been busy, and have run, since some time. */
  cpuTime(): Usage;
  /** Bytes of the machine's memory. */
  memory(): Usage;
  /** Bytes that the process takes, of those that it may: those of its control group, or of the machine. */
  processMemory(): Usage;
  /** File descriptors of the process, each connection one; undefined where the system does not tell. */
  openFiles(): Promise<Usage | undefined>;
}

/** The machine that this runs on. */
export const thisMachine: Machine = {
  cpuTime() {
    let [idle, total] = [0, 0];
    for (const { times } of cpus()) {
      idle += times.idle;
      total += times.user + times.nice + times.sys + times.irq + times.idle;
    }
    return { used: total - idle, total };
  },

  memory() {
    const total = totalmem();
    return { used: total - freemem(), total };
  },

  processMemory() {
    const bound = process.constrainedMemory();
    const machine = totalmem();
    return { used: process.memoryUsage.rss(), total: bound > 0 && bound < machine ? bound : machine };
  },

  async openFiles() {
    try {
      const limits = await readFile('/proc/self/limits', 'utf8');
      const total = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
      return total > 0 ? { used: await countOpenFiles(), total } : undefined;
    } catch {
      return undefined;
    }
  },
};

/** Linux tells their number as the size of the folder since 6.2. */
async function countOpenFiles(): Promise<number> {
  const folder = '/proc/self/fd';
  const { size } = await stat(folder);
  return size > 0 ? size : (await readdir(folder)).length;
}
