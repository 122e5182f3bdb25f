import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Processors that this process may use, from a list such as `0-2,5`. */
export function parseProcessorList(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, offset) => first + offset);
  });
}

/** Which processor the measured peer gets and which the load. */
export interface Pinning {
  readonly peer: number;
  readonly load: number;
}

/** Undefined where there is only one processor or no `taskset`: then nothing is pinned. */
export function choosePinning(): Pinning | undefined {
  const status = readFileSync('/proc/self/status', 'utf8');
  const processors = parseProcessorList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0');
  const [peer, load] = [processors[0], processors.at(-1)];
  if (peer === undefined || load === undefined || peer === load || !hasTaskset()) return undefined;
  return { peer, load };
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The command line that runs `command` on one processor; `command` itself where nothing is pinned. */
export function pinned(processor: number | undefined, command: readonly string[]): readonly string[] {
  return processor === undefined ? command : ['taskset', '--cpu-list', String(processor), ...command];
}
