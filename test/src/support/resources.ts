import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nextTurn } from './turns.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

export interface Resources {
  /** Open handles (sockets, timers …) by type. */
  readonly handles: Readonly<Record<string, number>>;
  /** Bytes in use after garbage collection. */
  readonly heap: number;
}

/** What this process holds, once everything that can go has gone. */
export async function resources(): Promise<Resources> {
  for (let i = 0; i < 3; i++) {
    await nextTurn();
    collectGarbage();
  }
  const handles: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) handles[type] = (handles[type] ?? 0) + 1;
  return { handles, heap: process.memoryUsage().heapUsed };
}
